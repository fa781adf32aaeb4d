"""What only the hosts can say: whether they accept token and keys, what each key is, and which models they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from tensormesh_cli.account.deployments import key_kinds
from tensormesh_cli.client import client_errors
from tensormesh_cli.doctor.checks import Check
from tensormesh_cli.doctor.facts import Facts
from tensormesh_cli.doctor.readiness import control_plane, gateway, serverless
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.surface import LATEST, Surface
from tensormesh_cli.output.secrets import address
from tensormesh_cli.settings.keys import NAMES, SurfaceName, way_out

ONLINE = click.Option(["--online"], is_flag=True, help="Ask the hosts, too, whether they accept token and keys.")
MODELS: dict[SurfaceName, str] = {"serverless": "serverless_model", "on-demand": "gateway_model_id"}


def asked(at: Sequence[Surface], facts: Facts) -> list[Check]:
    """
    What the control plane and the hosts of the surfaces say.

    What is known to be missing is not asked about.
    """
    app = at[0].app
    with app.progress("Asking the hosts"):
        kinds: dict[str, str] = {}
        found = []
        logged_in = control_plane(facts)["ready"]
        if logged_in:
            found.append(_login(app.call, str(facts.values["controlplane_base"].value), kinds))
        for one in at:
            state = serverless(facts) if one.name == "serverless" else gateway(facts, logged_in=logged_in)
            if state["api_key_state"] in ("ok", "deployment") and state.get("user_id_state") != "missing":
                found += _surface(one, facts, kinds)
    return found


def _login(call: Callable[[Callable[[Any], Any]], Any], base: str, kinds: dict[str, str]) -> Check:
    def look(client: Any) -> tuple[Any, list[Any], list[Any]]:
        plane = client.control_plane
        return plane.users.get_auth_profile(), plane.models.list(), plane.users.api_keys.list(include_deleted=True)

    try:
        profile, models, keys = call(look)
    except CliError as error:
        return Check("control_plane_online", "missing", f"{address(base)}: {error.message}", error.hint)
    deployed, made = ([item.to_dict() for item in items] for items in (models, keys))
    kinds |= key_kinds(deployed, made, datetime.now(UTC))
    who = profile.user_email or profile.id
    return Check("control_plane_online", "ok", f"{address(base)} accepts the token: you are {who}")


def _surface(at: Surface, facts: Facts, kinds: dict[str, str]) -> Iterator[Check]:
    key, name = facts.values[NAMES[at.name]], f"{NAMES[at.name]}_online"
    kind = kinds.get(str(key.value), "a key that your account does not list" if kinds else "")
    which = f"the key from {key.source}" + (f", which is {kind}" if kind else "")
    wanted = facts.values[MODELS[at.name]]
    try:
        node = at.node()
        with client_errors():
            models = [str(model.id) for model in node.models.list().data]
        if at.name == "serverless" and models:
            # The list of models is public: this is the least that needs a key, and costs nothing.
            _tokenize(node, models[0])
    except CliError as error:
        if error.kind != "unauthorized":
            yield Check(name, "missing", f"{address(at.base)}: {error.message}", error.hint)
            return
        message = f"{address(at.base)} does not accept {which}"
        yield Check(name, "missing", message, way_out(key, at.name, asked=True))
        return
    yield Check(name, "ok", f"{address(at.base)} accepts {which}")
    if wanted.value not in (None, LATEST, *models):
        fix = f"`tm infer models --surface {at.name}` lists the models that are there; it comes from {wanted.source}"
        yield Check(f"{MODELS[at.name]}_online", "missing", f"{address(at.base)} has no model {wanted.value}", fix)


def _tokenize(node: Any, model: str) -> None:
    try:
        with client_errors():
            node.tokenize.create(model=model, prompt="Hello")
    except CliError as error:
        # Whatever else a host says to it, it has accepted the key before.
        if error.kind not in ("refused", "not_found", "protocol"):
            raise
