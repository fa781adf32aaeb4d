"""What docstrings say of arguments and attributes, read by griffe as the reference reads them."""

from __future__ import annotations

import inspect
from typing import Any

from griffe import Docstring, DocstringSectionKind


def described(thing: Any) -> dict[str, str]:
    """The words for each argument or attribute of something, in one line, in their order."""
    text = Docstring(inspect.getdoc(thing) or "")
    kinds = (DocstringSectionKind.parameters, DocstringSectionKind.attributes)
    options = {"warn_unknown_params": False, "warn_missing_types": False, "warnings": False}
    return {
        name.strip(): " ".join(item.description.split())
        for section in text.parse("google", **options)
        if section.kind in kinds
        for item in section.value
        for name in item.name.split(",")
    }
