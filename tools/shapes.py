"""
What the model templates print of a schema: names, types, decoders.

Knows what of a field follows from the rest of it; what a schema means is for `python_types`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.annotations import or_none, split
from tools.documents import JsonObject


@dataclass(frozen=True)
class Field:
    """One property of a model, as the templates print it."""

    key: str
    name: str
    annotation: str
    argument: str
    required: bool
    description: str
    kind: str | None = None
    models: bool = False
    convert: str | None = None
    const: str | None = None
    secret: bool = False
    deprecated: bool = False

    @property
    def may_be_empty(self) -> bool:
        """Whether something empty can stand for it where it is missing."""
        return (self.kind or "").startswith(("ArrayOf(", "InstanceOf(", "MapOf("))

    @property
    def assignable(self) -> str | None:
        """The type that may be assigned, where a value is made of it that reads as another."""
        if not self.models and "TextOf(" not in (self.kind or ""):
            return None
        return or_none(self.argument) if "None" in split(self.annotation) else self.argument


@dataclass(frozen=True)
class Listed:
    """The list that an object is about: the attribute, and the type of its items."""

    name: str
    item: str


@dataclass(frozen=True)
class Cost:
    """The prices of so many tokens: attributes, and the type of an amount."""

    prices: tuple[str, ...]
    per: int
    amount: str


@dataclass(frozen=True)
class Shape:
    """One named object of the documents."""

    name: str
    description: str
    fields: list[Field]
    uses: list[str]
    imports: list[str] = field(default_factory=list)
    amount: list[str] = field(default_factory=list)
    unit: str = ""
    text: JsonObject | None = None
    listed: Listed | None = None
    cost: Cost | None = None
    likes: list[str] = field(default_factory=list)
    deprecated: str = ""
    closed: bool = False

    @property
    def bases(self) -> list[str]:
        """The classes that say what it can do beside what every model can."""
        found = [f'Listing["{self.listed.item}"]'] if self.listed else []
        found += ["Amount"] * bool(self.amount)
        found += [f'Priced["{self.cost.amount}"]'] if self.cost else []
        return found or ["JsonModel"]

    @property
    def arguments(self) -> list[Field]:
        """Fields in the order of the constructor: what must be given comes first."""
        return sorted(self.fields, key=lambda item: not item.required or item.const is not None)


@dataclass(frozen=True)
class Alias:
    """A named schema that is no object: an open enum or a tagged union."""

    name: str
    description: str
    annotation: str
    uses: list[str]


def listed_of(schema: JsonObject, fields: list[Field]) -> Listed | None:
    if "x-items" not in schema:
        return None
    found = next(item for item in fields if item.key == schema["x-items"])
    (types,) = (part for part in split(found.annotation) if part != "None")
    return Listed(found.name, types.removeprefix("list[").removesuffix("]"))


def cost_of(schema: JsonObject, fields: list[Field]) -> Cost | None:
    if "x-cost" not in schema:
        return None
    facts = schema["x-cost"]
    amount = next(item.annotation for item in fields if item.key == facts["input"])
    known = {item.key: item.name for item in fields}
    prices = tuple(known[facts[part]] for part in ("input", "output", "cached"))
    return Cost(prices, per=facts["per"], amount=next(part for part in split(amount) if part != "None"))
