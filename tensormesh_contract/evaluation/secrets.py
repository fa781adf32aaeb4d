"""
What must not be shown of an answer.

Knows which names stand for secrets; what a document itself calls secret is in
its shapes.
"""

from __future__ import annotations

import re
from functools import cache

from tensormesh_contract.json_values import nodes
from tensormesh_documents.json_types import Json
from tensormesh_documents.library import Document

HIDDEN = "***"
_SECRET_NAME = re.compile(r"(?i)token(?!s|_count|ize)|secret|password|api[_-]?key|^key$|authorization|credential")


_KEY = re.compile(
    r"\b(?:sk|ak|pk|rk|tm|gsk|hf|ghp|gho|xai|xox[abp])[-_][A-Za-z0-9_-]{12,}|\bAKIA[0-9A-Z]{12,}"
    r"|\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*|(?<=Bearer )[\w.~+/=-]{12,}"
)
"""What services make their keys and tokens look like."""


def without_keys(text: str) -> str:
    """Give a text with stars in place of what looks like a key, whoever it belongs to."""
    return _KEY.sub(HIDDEN, text)


def sounds_secret(name: str) -> bool:
    """Tell whether a field or a header of this name may hold a secret."""
    return _SECRET_NAME.search(name) is not None


@cache
def secret_names(document: Document) -> frozenset[str]:
    """Give the names under which a document knows secrets; some, such as `id`, do not sound like it."""
    fields = (node.get("properties") for node in nodes(document.root.value) if isinstance(node, dict))
    return frozenset(
        name
        for known in fields
        if isinstance(known, dict)
        for name, schema in known.items()
        if isinstance(schema, dict) and schema.get("x-secret") is True
    )


def without_secrets(value: Json, document: Document) -> Json:
    """
    Give a value with stars in place of what is named like a secret, at any depth.

    Args:
        value: what a host sent where its document does not have it, so that only names tell what it is.
        document: that document.
    """
    if isinstance(value, dict):
        known = secret_names(document)
        return {
            name: HIDDEN
            if isinstance(item, str) and (name in known or sounds_secret(name))
            else without_secrets(item, document)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item, document) for item in value]
    return without_keys(value) if isinstance(value, str) else value
