"""What the tokens of a talk cost: the price list of the service, asked for once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensormesh_cli.client import body_of
from tensormesh_cli.conversation.usage import Price
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.surface import Surface
from tensormesh_cli.settings.homes import is_inference, is_service

PATIENCE_SECONDS = 5.0
"""Nobody waits longer than this for a price."""


class Prices:
    """The prices of models on a surface; there are none on demand, where time is paid, nor for who is not logged in."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._listed: list[Mapping[str, Any]] | None = None

    def of(self, model: str | None) -> Price | None:
        """What a token of a model costs; None where that cannot be told."""
        return Price.of(model or "", self._list())

    def all(self) -> dict[str, Price]:
        """What a token of each model costs that has a price."""
        names = {str(item.get("model")) for item in self._list()}
        return {name: price for name in sorted(names) if (price := Price.of(name, self._list())) is not None}

    def _list(self) -> list[Mapping[str, Any]]:
        if self._listed is None:
            try:
                self._listed = self._ask()
            except CliError:
                self._listed = []
            except KeyboardInterrupt:  # whoever does not want to wait for it
                self._listed = []
        return self._listed

    def _ask(self) -> list[Mapping[str, Any]]:
        app = self._surface.app
        control_plane = str(app.settings["controlplane_base"].value)
        # The service's prices are not those of another host, nor the other way round.
        if self._surface.name != "serverless" or is_inference(self._surface.base) != is_service(control_plane):
            return []
        with app.progress("Reading the prices"):
            answer = app.call(
                lambda client: client.with_options(
                    timeout=PATIENCE_SECONDS
                ).control_plane.billing.pricing.serverless.with_raw_response.list()
            )
        listed = body_of(answer)
        found = listed.get("pricing") if isinstance(listed, dict) else None
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
