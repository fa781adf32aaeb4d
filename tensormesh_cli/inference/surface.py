"""The inference surface that a command talks to: its settings, its client, its model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tensormesh_cli.account import deployments, named_deployment
from tensormesh_cli.app import App
from tensormesh_cli.client import arguments_of, client_errors
from tensormesh_cli.command_line.known_names import Listing, listed, of
from tensormesh_cli.errors import CliError
from tensormesh_cli.settings.definitions import GET_KEY
from tensormesh_cli.settings.homes import is_home
from tensormesh_cli.settings.keys import NAMES, SurfaceName, way_out
from tensormesh_cli.settings.precedence import check_home
from tensormesh_cli.settings.sources import DEFAULT, MANAGED, Value

if TYPE_CHECKING:
    from tensormesh import Tensormesh

LATEST = "@latest"
"""Stands for the deployment that changed last."""

_ROUTED = ("gateway_base", "gateway_api_key", "gateway_user_id")


@dataclass(frozen=True)
class Surface:
    """One inference surface under the settings of this run."""

    app: App
    name: SurfaceName

    @classmethod
    def chosen(cls, app: App, surface: str, **given: str | None) -> Surface:
        """
        The surface a command was told to use.

        Args:
            given: what its options say: `model`, `user_id`, `api_key`, `base_url`.
        """
        name: SurfaceName = "on-demand" if surface == "on-demand" else "serverless"
        routed = name == "on-demand"
        settings = {
            "model": "gateway_model_id" if routed else "serverless_model",
            "base_url": "gateway_base" if routed else "serverless_base",
            "user_id": "gateway_user_id",
            "api_key": NAMES[name],
        }
        app.flags |= {settings[option]: value for option, value in given.items() if value is not None}
        return cls(app, name)

    @property
    def base(self) -> str:
        return str(self._base.value)

    @property
    def _base(self) -> Value:
        return self.app.settings["gateway_base" if self.name == "on-demand" else "serverless_base"]

    @property
    def _key(self) -> Value:
        return self.app.settings[NAMES[self.name]]

    def hints(self) -> dict[str, str]:
        """What to do when the host refuses."""
        models = f"`tm infer models --surface {self.name}` lists the models that are there"
        model = self.app.settings["gateway_model_id" if self.name == "on-demand" else "serverless_model"]
        if model.rank == MANAGED:
            models += "; `tm init --sync` chooses anew what is asked without --model"
        return {"unauthorized": way_out(self._key, self.name), "not_found": models}

    def node(self, *, public: bool = False, allow_json_schema: bool = False) -> Any:
        """
        The calls of the surface.

        Args:
            public: the public serverless host answers them without a key.
            allow_json_schema: whether they may ask for output after a schema.

        Raises:
            CliError: a key or a user id is missing.
        """
        # Whatever public calls need, a key that is not for this host is nothing to them.
        if public and self.name == "serverless" and self.app.settings["serverless_base"].rank == DEFAULT:
            client = self.client(with_key=self._has_key())
        else:
            self.key()
            client = self.client()
        inference = (client.with_options(allow_json_schema=True) if allow_json_schema else client).inference
        return inference.on_demand if self.name == "on-demand" else inference.serverless

    def client(self, *, with_key: bool = True) -> Tensormesh:
        """
        A client of the surface.

        Raises:
            CliError: a setting cannot be used, the key is one of another host, or the user id is missing.
        """
        if self.name == "serverless":
            return self.app.connect(("serverless_base", *([NAMES["serverless"]] if with_key else [])))
        return self.app.connect(_ROUTED, on_demand_user_id=self.user_id())

    def arguments(self) -> dict[str, Any]:
        """
        What a client of the surface is made with elsewhere.

        Raises:
            CliError: a setting cannot be used, a key or the user id is missing, or the key is one of another host.
        """
        self.key()
        self.client()
        if self.name == "serverless":
            return arguments_of(self.app.settings, ("serverless_base", NAMES["serverless"]))
        return arguments_of(self.app.settings, _ROUTED) | {"on_demand_user_id": self.user_id()}

    def key(self) -> str:
        """
        The key for inference.

        Raises:
            CliError: there is none, or it is one of another host.
        """
        found = self._key
        if found.value is None:
            raise CliError("not_logged_in", "There is no key for inference.", GET_KEY)
        if found.home is not None:
            check_home(found.home, self._base)
        return str(found.value)

    def _has_key(self) -> bool:
        found = self._key
        return found.value is not None and (found.home is None or is_home(found.home, self.base))

    def user_id(self) -> str:
        """
        The user of on-demand calls; whoever is logged in, where none is set.

        Raises:
            CliError: none is set and nobody is logged in.
        """
        found = self.app.settings["gateway_user_id"].value
        if found is not None:
            return str(found)
        try:
            return self.app.call(lambda client: client.control_plane.users.get_auth_profile()).id
        except CliError as error:
            if error.kind != "not_logged_in":
                raise
            advice = "log in with `tm auth login`, give --user-id, or set TENSORMESH_ON_DEMAND_USER_ID"
            raise CliError("not_logged_in", "On-demand hosts need to know your user id.", advice) from error

    def model(self, node: Any, wanted: Any = None) -> str:
        """
        The model to ask: the one that was named, then that of the settings, then what there is.

        Args:
            wanted: what --model or the body names.

        Raises:
            CliError: there is none.
        """
        name = wanted or self.app.settings["gateway_model_id" if self.name == "on-demand" else "serverless_model"].value
        if self.name == "on-demand":
            return self._latest() if name in (None, LATEST) else self._served(str(name))
        if name is not None:
            return str(name)
        return self._first(node)

    def _served(self, name: str) -> str:
        """What requests call the deployment whose id was given; any other name is one that they take."""
        if not any(shape.fullmatch(name) for shape in named_deployment.SHAPES.values()):
            return name
        try:
            known = self.app.call(lambda client: client.control_plane.models.list())
        except CliError as error:
            if error.kind != "not_logged_in":
                raise
            return name
        one = named_deployment.chosen([model.to_dict() for model in known], name, "deploymentId")
        return name if one is None else deployments.served_name(one) or name

    def _latest(self) -> str:
        models = self.app.call(lambda client: client.control_plane.models.list())
        found = deployments.ranked([model.to_dict() for model in models])
        if not found:
            advice = "`tm models list` shows your deployments; --model names one"
            raise CliError("not_ready", "None of your deployments is up.", advice)
        name = str(deployments.served_name(found[0]))
        self.app.note(f"Model: {name}, the deployment that changed last. --model chooses another.")
        return name

    def _first(self, node: Any) -> str:
        with client_errors(self.hints()):
            models = node.models.list().data
        if not models:
            raise CliError("not_ready", f"{self.base} has no models.", "--model names one")
        name = str(models[0].id)
        keep = f"`tm config set serverless_model {name}` keeps it"
        self.app.note(f"Model: {name}, the first that the host lists. --model chooses another; {keep}.")
        return name


def _names(app: App, ctx: click.Context) -> list[tuple[str, str]]:
    """The models that may be asked, as far as the command line says which host."""
    given = {name: ctx.params.get(name) for name in ("user_id", "api_key", "base_url")}
    at = Surface.chosen(app, str(ctx.params.get("surface") or "serverless"), **given)
    if at.name == "on-demand":
        return listed(app, Listing("models", "modelName", "status"))
    with client_errors():
        return [(str(model.id), "") for model in at.node(public=True).models.list().data]


MODEL = click.Option(
    ["--model"],
    metavar="NAME",
    help="The model. [default: as configured, else the first there is]",
    shell_complete=of(_names),
)
SURFACE = (
    click.Option(
        ["--surface"],
        type=click.Choice(("serverless", "on-demand"), case_sensitive=False),
        default="serverless",
        show_default=True,
        help="Which hosts to talk to.",
    ),
    click.Option(["--user-id"], metavar="UUID", help="The user, on demand. [default: yourself]"),
    click.Option(["--api-key"], metavar="KEY", help="The key for inference; other users can see it here."),
    click.Option(["--base-url"], metavar="URL", help="The address of the host."),
)
"""The options that choose a surface, and what it is given."""
