"""
Turns what is given in bodies into typed dictionaries: what a mapping in place of a model holds.

They are for type checkers and editors only: while a program runs, any mapping does.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field

from tools.descriptions import sentence
from tools.documents import JsonObject
from tools.names import field_name, pascal
from tools.python_types import Types


@dataclass(frozen=True)
class Key:
    """One key of a mapping, as the template prints it."""

    key: str
    annotation: str
    required: bool
    description: str

    @property
    def declarable(self) -> bool:
        """Whether a class can declare it: `async` is a word of Python, and `Literal` is one of its annotations."""
        return re.fullmatch(r"[a-z]\w*", self.key) is not None and not keyword.iskeyword(self.key)


@dataclass(frozen=True)
class Param:
    """
    What can be given for one named object.

    Attributes:
        name: the object.
        dictionaries: typed dictionaries by name: one, and another for each key more that can stand for what the first
            expects; none for a union.
        param: the type of such a mapping.
        like: the type of whatever can be given.
    """

    name: str
    description: str
    param: str
    like: str
    dictionaries: dict[str, list[Key]] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return {f"{self.name}Param", f"{self.name}Like", *self.dictionaries}


def params(types: Types) -> list[Param]:
    """What can be given for each object in the bodies of requests."""
    return [_param(name, types) for name in sorted(types.given) if types.has_param(name)]


def _param(name: str, types: Types) -> Param:
    schema = types.schemas[name]
    if "discriminator" in schema:
        names = [item["$ref"].rpartition("/")[2] for item in types.variants(schema) if "$ref" in item]
        param = " | ".join(f"{item}Param" for item in names)
        return Param(
            name, sentence(schema), param, " | ".join([*(f"{item}Like" for item in names), "_models.OpenObject"])
        )
    expected = schema.get("x-expects", ())
    dictionaries = {f"{name}Param": _keys(schema, types, expected[:1])}
    for key in expected[1:]:
        more = pascal(field_name(key, schema["properties"][key]))
        dictionaries[f"{name}{more}Param"] = _keys(schema, types, [key])
    accepted = [other for other in schema.get("x-accepts", ()) if types.is_object(other)]
    classes = [f"_models.{item}" for item in (name, *accepted)]
    others = [f"{item['$ref'].rpartition('/')[2]}Like" for item in schema.get("x-may-accept", ())]
    given = f"SupportsToDict[{' | '.join(dictionaries)}]"
    return Param(name, sentence(schema), "", " | ".join([*classes, *dictionaries, given, *others]), dictionaries)


def _keys(schema: JsonObject, types: Types, expected: list[str]) -> list[Key]:
    return [
        Key(
            key,
            _qualified(types.annotation(found, given=True, known=True), types),
            key in schema.get("required", ()) or key in expected,
            types.described(found),
        )
        for key, found in schema["properties"].items()
    ]


def _qualified(annotation: str, types: Types) -> str:
    """An annotation where the names of components are those of a module."""
    parts = re.split(r"('[^']*'|\"[^\"]*\")", annotation)
    parts[::2] = [
        re.sub(r"\w+", lambda word: f"_models.{word[0]}" if word[0] in types.schemas else word[0], part)
        for part in parts[::2]
    ]
    return "".join(parts)
