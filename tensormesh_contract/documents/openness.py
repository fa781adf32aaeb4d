"""
What a document leaves open of a parameter: that it may be refused, or not be looked at.

Knows the words that our descriptions have for it. OpenAPI has none, and a rule that is no promise must not be held
against a host.
"""

from __future__ import annotations

import re

from tensormesh_documents.library import Node

_OPEN = re.compile(
    r"^vLLM\b|Unverified|ignores? it|not used|where (?:it is )?supported|where the server allows|[Dd]epends? on"
    r"|answers? with an error|may be refused|may not carry any|[Nn]ot every host"
)
MAY_BE_REFUSED = "It may be refused."
MAY_BE_PASSED_OVER = "Not every host looks at it."
"""What to add to a description to say so."""


def left_open(node: Node) -> bool:
    """Tell whether a document itself says that a parameter may be refused or ignored, or is out of use."""
    deprecated = isinstance(node.value, dict) and node.value.get("deprecated") is True
    return deprecated or _OPEN.search(node.text("description")) is not None
