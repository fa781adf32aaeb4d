"""What a change log says of a fact that came, went or changed; `changes` finds which did, and whom it may break."""

from __future__ import annotations

from typing import Any, NamedTuple

from tools.answers import JSON
from tools.descriptions import BOUNDS, bound
from tools.python_types import Types

LONGEST = 90

ABSENT = object()
"""What stands where a document says nothing: null is said."""

Place = tuple[str, ...]


class Words(NamedTuple):
    """
    What is said of one fact; `{old}` and `{new}` are its values, `{more}` and `{less}` what a list has and had beside
    others, `{key}` is the last step of its place.
    """

    came: str
    went: str = ""
    changed: str = ""


WORDS = {
    # A model, or a type.
    "discriminator": Words("told apart by {new} now", "", "told apart by {new} now, not by {old}"),
    "x-accepts": Words("{more} can be given for it now", "{less} can no longer be given for it"),
    "x-expects": Words(
        "type checkers want one of {new} in a mapping now",
        "type checkers want none of {old} in a mapping any longer",
        "type checkers want one of {new} in a mapping now, not of {old}",
    ),
    "x-items": Words("iterates over {new} now", "no longer iterates over {old}", "iterates over {new} now, not {old}"),
    "x-may-accept": Words(
        "{more} can be given for it now, to hosts that take it", "{less} can no longer be given for it"
    ),
    "x-unit": Words("its unit is {new} now", "its unit is no longer {old}", "its unit is {new} now, not {old}"),
    # What of a model is made of several fields.
    "of": Words("made of {new} now", "no longer made of {old}", "made of {new} now, not of {old}"),
    "of per": Words("for {new} tokens now", "", "for {new} tokens now, not for {old}"),
    # A field, a parameter or an option.
    "default": Words("{new} by default now", "no default now, was {old}", "{new} by default now, not {old}"),
    "deprecated": Words("deprecated now", "no longer deprecated"),
    "format": Words("format {new} now", "no longer format {old}", "format {new} now, not {old}"),
    "in": Words("", "", "sent in {new} now, not in {old}"),
    "key": Words("", "", "in JSON it is {new} now, not {old}"),
    "x-secret": Words("secret now", "no longer secret"),
    "choices": Words("also {more}", "no longer {less}"),
    "kind": Words("", "", "takes {new} now, not {old}"),
    "opposite": Words("--{new} says the opposite now", "--{old} is gone", "--{new} says the opposite now, not --{old}"),
    "place": Words("", "", "is {new} now, not {old}"),
    "prefix": Words("{new} before a value can be left out now", "{old} before a value is needed now"),
    "repeat": Words("can be given several times now", "can be given only once now"),
    "secret": Words("secret now", "no longer secret"),
    "target": Words("", "", "sets {new} now, not {old}"),
    # An operation.
    "call": Words("", "", "called {new}() now"),
    "caller": Words("{n[field]} can be left out now: it finds out who calls", "{o[field]} must be given now"),
    "caller field": Words("", "", "{new} can be left out now, and {old} must be given"),
    "caller id": Words("", "", "reads who calls at {new} now, not at {old}"),
    "caller profile": Words("", "", "asks {new} now who calls, not {old}"),
    "content *": Words("{new} as {key} now", "no longer {old}"),
    "empty_ok": Words("an answer without a body is no error now", "an answer without a body is an error now"),
    "generates": Words("waited for longer now: a model writes its answer", "no longer waited for longer"),
    "headers *": Words("has the header {key} ({new}) now", "no longer has the header {key}"),
    "links *": Words("leads on by the link {key} now", "no longer leads on by the link {key}"),
    "method": Words("", "", "sent as {new} now, not as {old}"),
    "module": Words("", "", "its plain function is {new} now, not {old}"),
    "operationId": Words("leads to {new} now", "", "leads to {new} now, not to {old}"),
    "paging": Words(
        "comes in pages now: auto_paging_iter() goes through all",
        "no longer comes in pages: auto_paging_iter() is gone",
    ),
    "paging items": Words("", "", "pages are of {new} now, not of {old}"),
    "paging style": Words("", "", "pages go by {new} now, not by {old}"),
    "path": Words("", "", "sent to {new} now, not to {old}"),
    "positional": Words("", "", "takes {new} by position now, not {old}"),
    "rename *": Words(
        "its field {key} is given as {new}= now",
        "its field {key} is no longer given as {old}=",
        "its field {key} is given as {new}= now, not as {old}=",
    ),
    "requestBody": Words("takes a body now: {new}", "takes no body now"),
    "requestBody required": Words("a body must be given now", "a body can be left out now"),
    "responses *": Words("the host can answer {key} now, with {new}", "the host no longer answers {key}"),
    "retry": Words("", "", "{new}"),
    "returns": Words(
        "gives {new} of the answer now, not the whole",
        "gives the whole answer now, not its {old}",
        "gives {new} of the answer now, not {old}",
    ),
    "stream": Words("can be streamed now: stream=True", "can no longer be streamed"),
    "stream adds": Words("its events add up by pieces now", "its events no longer add up by pieces"),
    "stream adds *": Words("its events add up to {key} by {new} now", "its events no longer add up to {key}"),
    "stream end": Words("", "", "its stream ends with {new} now, not with {old}"),
    "stream event": Words("", "", "its events are {new} now, not {old}"),
    "stream field": Words("", "", "{new} in the body asks for its stream now, not {old}"),
    "stream final": Words(
        "{new} of an event is its whole answer now", "{old} of an event is no longer its whole answer"
    ),
    "stream whole": Words("", "", "its stream has get_final_{new}() now, not get_final_{old}()"),
    "upsert": Words(
        "upsert() beside it now, to replace by {new}",
        "upsert() is gone",
        "upsert() replaces by {new} now, not by {old}",
    ),
    "x-surfaces": Words("also for {more}", "no longer for {less}"),
    # A command.
    "answer": Words("", "", "prints {new} now, not {old}"),
    "body_needed": Words("needs something to send now", "needs nothing to send now"),
    "columns": Words(
        "its table begins with {new} now",
        "its table no longer begins with {old}",
        "its table begins with {new} now, not with {old}",
    ),
    "confirm": Words("asks before it acts now: a script says --yes", "no longer asks before it acts"),
    "items": Words("comes in pages now: --all has them all", "no longer comes in pages", "pages {new} now, not {old}"),
    "login": Words("", "", "{new}"),
    "methods": Words("also --method {more}", "no longer --method {less}"),
    "reveals": Words("shows the secret of its answer now", "hides the secret of its answer now"),
    "wrap": Words(
        "a whole body stands under {new} now",
        "a whole body no longer stands under {old}",
        "a whole body stands under {new} now, not under {old}",
    ),
    # A document.
    "servers": Words("also at {more}", "no longer at {less}"),
    "servers 0 url": Words("", "", "is at {new} now, not at {old}"),
    "tags *": Words("the tag {key} is new", "the tag {key} is gone"),
}
"""By where a fact stands, `*` being any name; of what is not here, both values are told."""

PLACES = {
    "anyOf *": "variant {number}",
    "content application/json": "",
    "content *": "{key}",
    "headers *": "header {key}",
    "info": "",
    "items": "each item",
    "additionalProperties": "each value",
    "links *": "link {key}",
    "oneOf *": "variant {number}",
    "requestBody": "body",
    "responses 200": "answer",
    "responses *": "answer {key}",
    "schema": "",
    "securitySchemes *": "credential {key}",
    "servers *": "address {number}",
    "tags *": "tag {key}",
    "variables *": "variable {key}",
}
"""What is told of where a fact stands."""

VALUES = {
    "in": {"header": "a header", "path": "the path", "query": "the query"},
    "kind": {
        "boolean": "yes or no", "flag": "no value", "integer": "an integer", "json": "JSON", "money": "an amount",
        "number": "a number", "time": "a time",
    },
    "login": {
        "needed": "needs a login now", "none": "sends no token now", "optional": "takes a login, or goes without, now",
    },
    "place": {"argument": "an argument", "body": "a field of the body", "option": "in the URL or a header"},
    "retry": {"idempotent": "sent again by itself now, where that may help", "never": "no longer sent again by itself"},
}  # fmt: skip
"""What facts are called that have a word of ours for a value."""


def tell(place: Place, before: Any, after: Any) -> str:
    """What became of the fact at a place."""
    told, rest, text = [], place, None
    while rest and (text := _phrase(rest, before, after)) is None:
        step, rest = _step(rest)
        told.append(step)
    where = " ".join(filter(None, told))
    if not rest and ABSENT in (before, after) and (before is True or after is True):
        return f"{where} now" if after is True else f"no longer {where}"
    if not rest:
        text = f"{short(text_of(before))} -> {short(text_of(after))}"
    return f"{where}: {text}" if where else str(text)


def where(place: Place) -> str:
    """What the place of a schema is called; empty where that goes without saying."""
    told = []
    while place:
        step, place = _step(place)
        told.append(step)
    return " ".join(filter(None, told))


def exchanged(before: list[str], after: list[str], more: str = "also {}", less: str = "no longer {}") -> str:
    """What a list has, and had, that the other has not; empty where it is the order alone."""
    pairs = ((more, after, before), (less, before, after))
    found = [(words, ", ".join(item for item in one if item not in other)) for words, one, other in pairs]
    return "; ".join(words.format(items) for words, items in found if items)


def text_of(value: Any) -> str:
    match value:
        case {"$ref": str(name)}:
            return named(name)
        case {"content": dict(media)} if media:
            return " or ".join(f"{text_of(item)}{_kind_of(name)}" for name, item in media.items())
        case {"schema": dict(schema)}:
            return Types({}).annotation(schema)
        case {"url": str(url)}:
            return url
        case dict() if value:
            return " and ".join(
                f"{key} {text_of(item)}" if item not in ([], "") else key for key, item in value.items()
            )
        case list() if value:
            return ", ".join(map(text_of, value))
        case dict() | list():
            return "nothing"
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
    return "none" if value is ABSENT else str(value)


def named(name: str) -> str:
    """What a model, a type or a command is called, and a shared part of a document."""
    kind, _, rest = name.partition(" ")
    document, dot, part = rest.partition(".")
    return f"{kind} {part} of {document}.yaml" if dot and kind != "tm" else name


def short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _phrase(place: Place, before: Any, after: Any) -> str | None:
    """What is said of a fact that has words of its own, by the end of its place."""
    word, last = place[0], place[-1]
    if place == ("security",) or (word == "x-security" and len(place) == 2):
        surface = f" ({last})" if last not in (word, "control_plane") else ""
        return f"credentials{surface}: {_ways(before)} -> {_ways(after)}"
    if place == ("additionalProperties",):
        said = "may have other keys now" if before is False else "says now that it may have other keys"
        return "takes no other keys now" if after is False else said if after is True else "may have other keys now"
    words = next((words for pattern, words in WORDS.items() if _fits(pattern.split(), place)), None)
    if len(place) == 1 and word in BOUNDS:
        words = Words("{new} now", "no longer {old}", "{new} now, not {old}")
        before, after = (item if item is ABSENT else bound(word, item) for item in (before, after))
    return _said(words, last, before, after) if words else None


def _said(words: Words, key: str, before: Any, after: Any) -> str:
    if "{more}" in words.came:
        one, other = ([*map(text_of, item)] if isinstance(item, list) else [] for item in (before, after))
        more, less = words.came.replace("{more}", "{}"), words.went.replace("{less}", "{}")
        return exchanged(one, other, more, less) or "in another order"
    # What is true or false came where it is true.
    none = (ABSENT,) if words.changed else (ABSENT, False)
    gone, new = (any(item is one for one in none) for item in (after, before))
    said = "" if gone and new else words.went if gone else words.came if new else words.changed
    texts = (VALUES.get(key, {}).get(str(item)) or text_of(item) for item in (before, after))
    old, now = (short(text.removeprefix("client.")) for text in texts)
    said = said or f"{_clean(key)}: {{old}} -> {{new}}"
    return said.format(key=key, old=old, new=now, o=before, n=after)


def _step(place: Place) -> tuple[str, Place]:
    """The words for the first steps of a place, and the rest of it."""
    for pattern, words in PLACES.items():
        keys = pattern.split()
        if _fits(keys, place[: len(keys)]):
            last = keys[-1] if len(keys) > len(place) else place[len(keys) - 1]
            return words.format(key=last, number=int(last) + 1 if last.isdigit() else last), place[len(keys) :]
    return _clean(place[0]), place[1:]


def _fits(keys: list[str], place: Place) -> bool:
    return len(keys) == len(place) and all(key in ("*", step) for key, step in zip(keys, place, strict=True))


def _clean(word: str) -> str:
    return word.removeprefix("x-").replace("_", " ")


def _kind_of(media_type: str) -> str:
    return "" if media_type == JSON else f" as {media_type}"


def _ways(value: Any) -> str:
    """Ways to be let in."""
    if value is ABSENT:
        return "those of its document"
    return " or ".join(" and ".join(way) or "none" for way in value) or "none"
