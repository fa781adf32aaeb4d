"""
Reading a JSON body field by field, with the engine's leniency and its words.

Knows the types and what happens when a value has another one ("1" is a number,
"hot" is not); refuses to know which fields an operation has, and ranges.
"""

import json
import math
from collections.abc import Sequence

from tensormesh_local.errors import Problem, Refusal, bad_request, unreadable
from tensormesh_local.wire import Json, JsonObject

SHOWN_INPUT = 100


def shown(value: object) -> str:
    """Describe an input without repeating a whole document."""
    if isinstance(value, list):
        return f"<list of {len(value)} items>"
    if isinstance(value, dict):
        return f"<dict of {len(value)} items>"
    return str(value)[:SHOWN_INPUT]


def read_object(body: bytes, content_type: str) -> JsonObject:
    """Read a request body that has to be one JSON object."""
    if not body:
        raise unreadable([Problem("missing", "body", "Field required", "None")])
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise bad_request("Unsupported Media Type: Only 'application/json' is allowed")
    try:
        value: Json = json.loads(body)
    except json.JSONDecodeError as exc:
        ctx = str({"error": exc.msg})
        loc = f"body.{exc.pos}"
        raise unreadable([Problem("json_invalid", loc, "JSON decode error", "<dict of 0 items>", ctx)]) from exc
    except (UnicodeDecodeError, RecursionError, ValueError) as exc:
        raise Refusal(400, {"detail": "There was an error parsing the body"}) from exc
    if not isinstance(value, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        raise unreadable([Problem("model_attributes_type", "body", message, shown(value))])
    return value


class Reader:
    """
    One JSON object being read.

    Problems are collected, not raised, so that a caller learns of all wrong
    fields at once; `finish` raises them. Children share the list.
    """

    def __init__(self, body: JsonObject, loc: str = "body", problems: list[Problem] | None = None) -> None:
        self.body = body
        self.loc = loc
        self.problems: list[Problem] = [] if problems is None else problems

    def finish(self) -> None:
        """Raise everything that was wrong, if anything was: the first problem of each place."""
        first: dict[str, Problem] = {}
        for problem in self.problems:
            first.setdefault(problem.loc, problem)
        if first:
            raise unreadable([*first.values()])

    def wrong(self, name: str, kind: str, msg: str, value: object, ctx: str | None = None) -> None:
        """Note one problem at a field."""
        self.problems.append(Problem(kind, f"{self.loc}.{name}", msg, shown(value), ctx))

    def missing(self, name: str) -> None:
        """Note a field that has to be there."""
        self.wrong(name, "missing", "Field required", self.body)

    def text(self, name: str) -> str | None:
        """Read a string."""
        value = self.body.get(name)
        if value is None or isinstance(value, str):
            return value
        self.wrong(name, "string_type", "Input should be a valid string", value)
        return None

    def required_text(self, name: str) -> str:
        """Read a string that has to be there; null is not a string here."""
        if name not in self.body:
            self.missing(name)
            return ""
        if self.body[name] is None:
            self.wrong(name, "string_type", "Input should be a valid string", None)
        return self.text(name) or ""

    def number(self, name: str) -> float | None:
        """Read a finite number, or a string that spells one."""
        value = self.body.get(name)
        if value is None:
            return None
        if isinstance(value, str | int | float):
            try:
                found = float(value)
            except (ValueError, OverflowError):
                msg = "Input should be a valid number, unable to parse string as a number"
                self.wrong(name, "float_parsing", msg, value)
                return None
            if math.isfinite(found):
                return found
            self.wrong(name, "finite_number", "Input should be a finite number", value)
            return None
        self.wrong(name, "float_type", "Input should be a valid number", value)
        return None

    def integer(self, name: str) -> int | None:
        """Read a whole number, or a string that spells one."""
        value = self.body.get(name)
        if value is None:
            return None
        if isinstance(value, float) and not value.is_integer():
            msg = "Input should be a valid integer, got a number with a fractional part"
            self.wrong(name, "int_from_float", msg, value)
        elif isinstance(value, int | float):
            return int(value)
        elif isinstance(value, str):
            try:
                return int(value)
            except ValueError:
                msg = "Input should be a valid integer, unable to parse string as an integer"
                self.wrong(name, "int_parsing", msg, value)
        else:
            self.wrong(name, "int_type", "Input should be a valid integer", value)
        return None

    def flag(self, name: str) -> bool | None:
        """Read a boolean, or one of the usual spellings of it."""
        value = self.body.get(name)
        if value is None or isinstance(value, bool):
            return value
        spelt = value.lower() if isinstance(value, str) else value
        if spelt in ("true", "1", "yes", "on", 1):
            return True
        if spelt in ("false", "0", "no", "off", 0):
            return False
        msg = "Input should be a valid boolean, unable to interpret input"
        self.wrong(name, "bool_parsing", msg, value)
        return None

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """Read one of the known words."""
        value = self.body.get(name)
        if value is None or (isinstance(value, str) and value in choices):
            return value
        words = ", ".join(f"'{word}'" for word in choices[:-1])
        words = f"{words} or '{choices[-1]}'" if words else f"'{choices[-1]}'"
        self.wrong(name, "literal_error", f"Input should be {words}", value, str({"expected": words}))
        return None

    def texts(self, name: str, *, most: int | None = None) -> tuple[str, ...]:
        """Read a string or a list of strings, of at most so many."""
        value = self.body.get(name)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and most is not None and len(value) > most:
            msg = f"List should have at most {most} items after validation, not {len(value)}"
            ctx = str({"field_type": "List", "max_length": most, "actual_length": len(value)})
            self.wrong(name, "too_long", msg, value, ctx)
            return ()
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(str(item) for item in value)
        self.wrong(name, "string_type", "Input should be a valid string", value)
        return ()

    def integers(self, name: str, *, least: int | None = None) -> tuple[int, ...]:
        """Read a list of whole numbers."""
        value = self.body.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.wrong(name, "list_type", "Input should be a valid list", value)
            return ()
        found: list[int] = []
        items = Reader({str(i): item for i, item in enumerate(value)}, f"{self.loc}.{name}", self.problems)
        for position, item in enumerate(value):
            number = items.integer(str(position))
            if item is None:
                items.wrong(str(position), "int_type", "Input should be a valid integer", None)
            if number is not None and least is not None and number < least:
                msg = f"Input should be greater than or equal to {least}"
                items.wrong(str(position), "greater_than_equal", msg, number, str({"ge": least}))
            if number is not None and number >= 2**63:
                items.wrong(
                    str(position), "less_than", f"Input should be less than {2**63}", number, str({"lt": 2**63})
                )
            found.append(number or 0)
        return tuple(found)

    def child(self, name: str) -> "Reader | None":
        """Read a nested object."""
        value = self.body.get(name)
        if value is None:
            return None
        if isinstance(value, dict):
            return Reader(value, f"{self.loc}.{name}", self.problems)
        self.wrong(name, "dict_type", "Input should be a valid dictionary", value)
        return None

    def children(self, name: str) -> "list[Reader] | None":
        """Read a list of nested objects."""
        value = self.body.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            self.wrong(name, "list_type", "Input should be a valid list", value)
            return None
        found: list[Reader] = []
        for position, item in enumerate(value):
            loc = f"{self.loc}.{name}"
            if isinstance(item, dict):
                found.append(Reader(item, f"{loc}.{position}", self.problems))
            else:
                Reader({}, loc, self.problems).wrong(
                    str(position), "dict_type", "Input should be a valid dictionary", item
                )
        return found
