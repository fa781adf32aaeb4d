"""What a mirrored call is about: found before it is asked whether to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensormesh_cli.account.named_deployment import IDS, found, label
from tensormesh_cli.app import App
from tensormesh_generated.commands import COMMANDS

if TYPE_CHECKING:
    from tensormesh_generated.commands import Command as Row


def named(app: App, row: Row, arguments: dict[str, Any], user_id: str | None) -> dict[str, str]:
    """
    Put the id that a call takes in place of whatever name a deployment was called by.

    Returns:
        How a question names it, by the argument.

    Raises:
        CliError: there is no such deployment.
    """
    labels = {}
    for target, field in IDS.items():
        if target in _arguments(row):
            everyone = row.words.startswith("admin ")
            with app.progress("Asking the control plane"):
                one = found(app, arguments[target], target, user_id=user_id, everyone=everyone, sure=row.confirm)
            arguments[target], labels[target] = one[field], label(one, field)
    return labels


def check(app: App, row: Row, arguments: dict[str, Any]) -> None:
    """
    See that what is to be changed is there, where another command gets it by the same arguments.

    Raises:
        CliError: it is not.
    """
    names = _arguments(row)
    words = f"{row.words.rpartition(' ')[0]} get"
    other = next((one for one in COMMANDS if one.words == words and _arguments(one) == names), None)
    if other is None or not names or IDS.keys() & set(names):
        return
    *path, last = other.calls[0][1].split(".")
    wanted = {name: arguments[name] for name in names}
    with app.progress("Asking the control plane"):
        app.call(lambda client: getattr(node(client, path), last)(**wanted))


def node(client: Any, path: list[str]) -> Any:
    """A namespace of the control plane."""
    found = client.control_plane
    for name in path:
        found = getattr(found, name)
    return found


def _arguments(row: Row) -> list[str]:
    return [item.target for item in row.parameters if item.place == "argument"]
