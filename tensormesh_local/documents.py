"""
The OpenAPI documents, read as data.

Knows where they lie (beside this package once it is installed, beside it in the
repository before) and how to follow a reference inside one; refuses to know
what any of them says.
"""

from functools import cache
from pathlib import Path

import yaml

from tensormesh_local.wire import Json, JsonObject

_HERE = Path(__file__).resolve().parent
FOLDERS = (_HERE / "openapi", _HERE.parent / "openapi")

# The loader in C is ten times as fast, and a wheel of PyYAML without it is rare.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def document(name: str) -> JsonObject:
    """
    Read one document by its name without the ending.

    Raises:
        FileNotFoundError: when it is in none of the folders.
    """
    for folder in FOLDERS:
        file = folder / f"{name}.yaml"
        if file.is_file():
            found: JsonObject = yaml.load(file.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe loader either way
            return found
    raise FileNotFoundError(f"{name}.yaml is in none of {', '.join(map(str, FOLDERS))}; reinstall the package.")


def referred(value: JsonObject, whole: JsonObject) -> JsonObject:
    """Follow the reference a value is, if it is one, inside its document."""
    reference = value.get("$ref")
    if not isinstance(reference, str):
        return value
    found: Json = whole
    for key in reference.removeprefix("#/").split("/"):
        found = found[key] if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise TypeError(f"{reference} is no object of its document")
    return referred(found, whole)
