"""One deployment, by whichever of its names it was called: its name, its `modelId` or its `deploymentId`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tensormesh_cli.app import App
from tensormesh_cli.errors import CliError

IDS = {"model_id": "modelId", "deployment_id": "deploymentId"}
"""Argument of a call -> the field that it takes."""

SHAPES = {
    "model_id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE),
    "deployment_id": re.compile(r"dep-[0-9a-f]+", re.IGNORECASE),
}
"""How these ids look, as far as they are known."""

NAMES = (*IDS.values(), "modelName")
LIST = "`tm models list` shows your deployments"

Deployment = Mapping[str, Any]


def found(
    app: App, wanted: str, target: str, *, user_id: str | None = None, everyone: bool = False, sure: bool = False
) -> Deployment:
    """
    The deployment that is meant. The list is asked where that is needed: not for what can be nothing but the right id.

    Args:
        target: the argument of the call, a key of `IDS`. A deployment that only the host knows has that id alone.
        user_id: whose deployments are meant; the caller's without it.
        everyone: an administrator means one of anybody.
        sure: something is to be changed, so the deployment has to be there.

    Raises:
        CliError: there is none, or there are several.
    """
    if not sure and SHAPES[target].fullmatch(wanted):
        return {IDS[target]: wanted}
    scope: dict[str, Any] = {"user_id": user_id} if user_id else {}

    def listed(client: Any) -> list[Deployment]:
        plane = client.control_plane
        items = plane.admin.models.auto_paging_iter(**scope) if everyone else plane.models.list(**scope)
        return [item.to_dict() for item in items]

    try:
        known = app.call(listed)
    except CliError as error:
        if sure or error.kind not in ("server", "protocol"):
            raise
        return {IDS[target]: wanted}
    if one := chosen(known, wanted, IDS[target]):
        return one
    if not everyone:
        # Whoever may see those of others finds them by the id that the call takes, and no list of their own has them.
        if target == "deployment_id":
            return {IDS[target]: wanted}
        try:
            one = app.call(lambda client: client.control_plane.models.get(wanted, **scope)).to_dict()
        except CliError as error:
            if error.kind not in ("not_found", "refused", "input"):  # what stands in no path is no id
                raise
        else:
            return one if one.get(IDS[target]) else {IDS[target]: wanted}
    raise CliError("not_found", f"There is no deployment {wanted!r}.", _hint(known, wanted))


def chosen(known: Sequence[Deployment], wanted: str, field: str) -> Deployment | None:
    """
    The deployment that a name stands for; None where there is none. Its id of the kind that is asked for goes first.

    Raises:
        CliError: several are called so.
    """
    for name in (field, *(name for name in NAMES if name != field)):
        found = [one for one in known if one.get(name) == wanted]
        if len(found) > 1:
            ids = ", ".join(str(one.get(field)) for one in found)
            raise CliError("refused", f"Several deployments are called {wanted!r}.", f"name one by its {field}: {ids}")
        if found:
            return found[0]
    return None


@contextmanager
def listed_elsewhere() -> Iterator[None]:
    """Say where deployments are listed, if the host does not know the one that a call is about."""
    try:
        yield
    except CliError as error:
        if error.kind == "not_found" and error.hint is None:
            error.hint = LIST
        raise


def label(one: Deployment, field: str) -> str:
    """How a question names a deployment: by its name and by the id that is sent."""
    return ", ".join(str(one[name]) for name in ("modelName", field) if one.get(name))


def _hint(known: Sequence[Deployment], wanted: str) -> str:
    names = [str(one[name]) for one in known for name in NAMES if one.get(name)]
    close = difflib.get_close_matches(wanted, names, 1)
    return f"did you mean {close[0]!r}? {LIST}" if close else LIST
