"""
What a call sent that no error may show. A host may say it again in its own words ("Incorrect API key provided: ...").

Looked for where something has failed, and nowhere else. No I/O.
"""

from __future__ import annotations

import json
import re
from binascii import a2b_base64
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from tensormesh_overlay.errors import APIError
from tensormesh_overlay.json_values import from_json, to_json
from tensormesh_runtime.headers import Headers
from tensormesh_runtime.types import Response
from tensormesh_transport.errors import HookError
from tensormesh_transport.messages import Response as HTTPResponse

HIDDEN = "***"
SHORTEST = 8
"""Characters. What is shorter is a word like others, and a sentence without its words helps nobody."""

BEGINNING = 12
"""Characters, and half of a secret: so much of one gives it away where a text is cut off within it."""

_SECRET = re.compile(
    r"auth(?!ors?\b)|cookie|credential|passw|secret|token|(?<!idempotency.)(?<!cache.)key|cli_code", re.I
)
"""How headers, parameters and fields are called that hold one."""

_PERCENT = re.compile(r"%[0-9A-F]{2}")


class SentSecrets:
    """Texts that stand in no error, and what takes their place."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spelt = {form for secret in secrets for form in _spellings(str.__str__(secret))}
        # The longest first: one may hold another.
        self._forms = sorted((form for form in spelt if len(form) >= SHORTEST), key=lambda form: (-len(form), form))

    def text(self, text: str) -> str:
        """A text without them."""
        for form in self._forms:
            text = _without(text, form, HIDDEN)
        return text

    def content(self, content: bytes) -> bytes:
        """The same of the bytes of a body."""
        spelt = [(form.encode("utf-8", "surrogatepass").decode("latin-1"), HIDDEN) for form in self._forms]
        if b"\0" in content:  # UTF-16
            spelt += [("\0".join(form), "\0".join(mask)) for form, mask in spelt]
        if not any(form[: _least(form)].encode("latin-1") in content for form, _ in spelt):
            return content
        text = content.decode("latin-1")
        for form, mask in spelt:
            text = _without(text, form, mask)
        return text.encode("latin-1")

    def value(self, value: Any) -> Any:
        """The same of anything that an error holds: JSON, headers, an answer."""
        match value:
            case str():
                return self.text(value)
            case bytes():
                return self.content(value)
            case Response():
                return value._replace(
                    headers=self.value(value.headers),
                    content=self.content(value.content),
                    parsed=self.value(value.parsed),
                )
            case dict():
                made = {self.value(key): self.value(item) for key, item in value.items()}
                return Headers(made) if isinstance(value, Headers) else made
            case BaseException():  # some errors say what another said
                self._conceal(value)
            case list() | tuple() if type(value) in (list, tuple):
                return type(value)(map(self.value, value))
        return value

    def answer(self, received: HTTPResponse) -> HTTPResponse:
        """An answer of a host without them; the same object where there are none in it."""
        content = self.content(received.content)
        if b"\\u" in content:  # any letter may be spelt so
            with suppress(ValueError, RecursionError, TypeError, MemoryError):
                data = from_json(content)
                told = self.value(data)
                content = content if told == data else to_json(told)
        headers = {name: self.text(value) for name, value in received.headers.items()}
        if content == received.content and headers == received.headers:
            return received
        return received._replace(headers=headers, content=content)

    def conceal[E: APIError](self, error: E) -> E:
        """An error without them, and those that caused it."""
        one: BaseException | None = error
        while one is not None:
            self._conceal(one)
            # What a hook of the caller has raised is not ours to change.
            one = None if isinstance(one, HookError) else one.__cause__
        return error

    def _conceal(self, error: BaseException) -> None:
        try:
            error.args = self.value(error.args)
            for name, held in vars(error).items():
                made = self.value(held)
                if made != held:
                    setattr(error, name, made)
        except RecursionError:
            """JSON that is nested so deep: its text was looked at as a whole."""


def no_secrets() -> SentSecrets:
    """Those of a call that sent none."""
    return SentSecrets(())


def sent_secrets(headers: Iterable[tuple[str, str]], path: str, *bodies: Any) -> SentSecrets:
    """
    The secrets of a call.

    Args:
        headers: all that it had.
        path: with its query.
        bodies: the values that its body was made of.
    """
    named = chain(headers, parse_qsl(path.partition("?")[2]), *map(_fields, bodies))
    return SentSecrets(part for name, value in named if _SECRET.search(name) for part in _parts(name.lower(), value))


def _fields(body: Any) -> Iterator[tuple[str, str]]:
    """The texts in a body, by the names of the fields that hold them."""
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from ((name, item) for name, item in value.items() if isinstance(item, str))
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _parts(name: str, value: str) -> Iterator[str]:
    """What is secret in a value: without the word for its scheme, and without the names of cookies."""
    if name == "cookie":
        yield from (part.partition("=")[2].strip() for part in value.split(";"))
        return
    scheme, blank, credentials = value.partition(" ")
    yield credentials.strip() if blank and name.endswith("authorization") else value
    if scheme.lower() == "basic":
        with suppress(ValueError):
            pair = a2b_base64(credentials).decode("utf-8", "replace")
            yield from (pair, pair.partition(":")[2])


def _spellings(secret: str) -> set[str]:
    """A secret as JSON, HTML, an address or Python write it."""
    if len(secret) < SHORTEST:
        return set()
    quoted = {quote(secret, safe=""), quote(secret), quote_plus(secret)} if secret.isascii() else set()
    return {
        secret,
        unquote(secret),
        *(_as_html(secret, apostrophe) for apostrophe in ("&#x27;", "&#39;")),
        json.dumps(secret)[1:-1],
        secret.replace("/", r"\/"),
        repr(secret)[1:-1],
        *quoted,
        *(_PERCENT.sub(lambda found: found[0].lower(), one) for one in quoted),
    }


def _as_html(secret: str, apostrophe: str) -> str:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", apostrophe)):
        secret = secret.replace(sign, name)
    return secret


def _least(secret: str) -> int:
    """How many of its characters are looked for."""
    return max(BEGINNING, len(secret) // 2) if len(secret) > BEGINNING else len(secret)


def _without(text: str, secret: str, mask: str) -> str:
    """A text with a mask wherever a secret stands in it, or the greater part of one that is cut off there."""
    least = _least(secret)
    begin, at, start = secret[:least], 0, 0
    kept: list[str] = []
    while (found := text.find(begin, start)) >= 0:
        end, place = found + least, least
        while place < len(secret) and text[end : end + 1] == secret[place]:
            end, place = end + 1, place + 1
        if place == len(secret) or _is_cut(text[end : end + 1]):
            kept += [text[at:found], mask]
            at = start = end
        else:
            start = found + 1
    return "".join([*kept, text[at:]]) if kept else text


def _is_cut(following: str) -> bool:
    """Whether a word ends before this character."""
    return not (following.isalnum() or following in tuple("-_/+~="))
