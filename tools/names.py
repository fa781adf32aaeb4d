"""What things are called in Python."""

from __future__ import annotations

import keyword
import re
from functools import lru_cache
from itertools import pairwise
from typing import Any
from unicodedata import normalize

FIELDS_TAKEN = {
    # The model base and the generator use these,
    "additional_properties", "cls", "d", "field_dict", "from_dict", "is_odd", "is_set", "json_schema", "keys",
    "replace", "self", "to_dict", "to_json",
    # the class statement of a model calls these,
    "field", "locals",
    # and its annotations name these: a field would hide them from type checkers.
    "bool", "datetime", "decimal", "dict", "float", "int", "list", "str",
}  # fmt: skip


@lru_cache(maxsize=4096)
def python_name(key: str) -> str:
    """
    `stripeCusId` -> `stripe_cus_id`, `2fa` -> `field_2fa`; a keyword gets an underscore after it, a builtin keeps its
    name, and letters of any alphabet are letters. Empty where there are none.
    """
    pairs = pairwise(f"_{normalize('NFKC', key)}")
    words = (f"_{sign}" if sign.isupper() and (last.islower() or last.isdigit()) else sign for last, sign in pairs)
    letters = (sign if f"_{sign}".isidentifier() else "_" for sign in normalize("NFKC", "".join(words).lower()))
    name = re.sub("_+", "_", "".join(letters)).strip("_")
    if name and not name.isidentifier():
        name = f"field_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def field_name(key: str, schema: dict[str, Any]) -> str:
    """What a field is called: as its `x-name` says, else by its key; a name that no field can have, ends in `_`."""
    if "x-name" in schema:
        return str(schema["x-name"])
    name = python_name(key)
    return f"{name}_" if name in FIELDS_TAKEN else name


def pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def enum_prefix(name: str) -> str:
    """`TicketStatus` -> `TICKET_STATUS_`, with which its values begin."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper() + "_"
