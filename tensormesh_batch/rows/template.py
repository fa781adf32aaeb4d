"""Requests made of rows of a program, or of a table: by a function, or by a text with names in braces."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any

from tensormesh_batch.rows.line import CHAT, Line, line_of
from tensormesh_runtime.decode import encode

type Template = str | Callable[[Any], Mapping[str, Any] | str] | None


def request_of(name: str, row: Any, template: Template, system: str | None, defaults: Mapping[str, Any]) -> Line:
    """
    The request that a row stands for.

    Args:
        name: its `custom_id`.
        template: a text such as `Summarise: {text}`, with the row's names in braces; or a function that gives a text or
            a body. Without one, the row is a text or a body itself.
        system: a system message for requests that are made of a text.

    Raises:
        ValueError: there is no such name, or what comes of it is no request.
    """
    return line_of(encode(described(name, row, template, system)), defaults)


def described(name: str, row: Any, template: Template, system: str | None) -> dict[str, Any]:
    """
    The same as OpenAI writes it, as far as the row says it.

    Raises:
        ValueError: the template does not fit the row.
    """
    made = _filled(template, row) if isinstance(template, str) else row if template is None else template(row)
    if isinstance(made, str):
        messages = [{"role": "user", "content": made}]
        if system is not None:
            messages.insert(0, {"role": "system", "content": system})
        return {"custom_id": name, "url": CHAT, "body": {"messages": messages}}
    if not isinstance(made, Mapping):
        raise ValueError(f"a row must become a text or the body of a request, not {type(made).__name__}")  # noqa: TRY004
    return {"custom_id": name, "body": {**made}}


def names(template: str) -> set[str]:
    """
    The names that a text has in braces.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        fields = {field for _, field, _, _ in Formatter().parse(template) if field is not None}
    except ValueError as error:
        raise ValueError(
            f"the template cannot be read: {error}; braces that mean themselves are {{{{ and }}}}"
        ) from error
    return {re.split(r"[.\[]", field, maxsplit=1)[0] for field in fields}


def _filled(template: str, row: Any) -> str:
    try:
        if isinstance(row, Mapping):
            return template.format_map(row)
        return template.format(row)
    except KeyError as error:
        known = ", ".join(map(str, row)) if isinstance(row, Mapping) else "none"
        raise ValueError(f"the template names {error}, and the row has: {known}") from error
    except (IndexError, AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"the template does not fit the row: {error}") from error
