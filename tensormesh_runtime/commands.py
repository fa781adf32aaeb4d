"""A command that mirrors a call of the control plane, as data."""

from __future__ import annotations

from typing import Literal, NamedTuple

Place = Literal["argument", "option", "body"]
Kind = Literal["text", "integer", "number", "flag", "boolean", "time", "money", "json"]
Login = Literal["needed", "optional", "none"]
Content = Literal["json", "text", "none"]


class Parameter(NamedTuple):
    """
    One argument or option of a command.

    Attributes:
        name: `user-id` for the option `--user-id`, `USER_ID` for an argument.
        target: the argument of the call, or the field of the body (`a.b`: field b of object a).
        place: an argument, an option that is an argument of the call, or an option that is a field of the body.
        kind: what it holds. A `flag` is there or not, a `boolean` has an opposite, `json` is text that is decoded.
        opposite: the option that sets it to false.
        choices: the values known today; others must be let through.
        prefix: with what each of the choices begins.
    """

    name: str
    target: str
    place: Place
    kind: Kind = "text"
    help: str = ""
    required: bool = False
    repeat: bool = False
    secret: bool = False
    opposite: str = ""
    choices: tuple[str, ...] = ()
    prefix: str = ""


class Command(NamedTuple):
    """
    One command.

    Attributes:
        words: what to type after `tm`.
        calls: method and friendly call; where there are several, the method chooses.
        confirm: it asks before it acts.
        reveals: it exists to hand out a secret, so it shows it.
        login: whether its call takes a token: it needs one, or can go without, or sends none.
        answer: what it is.
        body: the keys of its body.
        body_needed: there is nothing to send without one.
        wrap: the key that the whole body stands under.
        items: the key of the answer's items, where it comes in pages.
        columns: the fields of a listed item that a table shows first.
        secrets: where credentials stand in the answer; `*` is every item.
    """

    words: str
    summary: str
    help: str
    calls: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...] = ()
    confirm: bool = False
    reveals: bool = False
    login: Login = "needed"
    answer: Content = "json"
    body: tuple[str, ...] = ()
    body_needed: bool = False
    wrap: str = ""
    items: str = ""
    columns: tuple[str, ...] = ()
    secrets: tuple[tuple[str, ...], ...] = ()
