"""
What the documents say of a host.

Annotations are evaluated here: for a named tuple, text would be compiled word by word at each import.
"""

from collections.abc import Mapping
from typing import NamedTuple

type Security = tuple[tuple[str, ...], ...]
"""Ways to be let in, each the headers it takes. No way at all: nothing is sent. An empty one: nothing is needed."""


class Surface(NamedTuple):
    """
    One host.

    Attributes:
        version: of its document.
        base_url: where it is, unless somebody says otherwise.
        template: that address, with the names of its variables.
        variables: what stands for them by default.
        security: how its operations let callers in, unless they say otherwise.
    """

    version: str
    base_url: str
    template: str
    variables: Mapping[str, str]
    security: Security
