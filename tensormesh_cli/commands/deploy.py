"""What `tm models deploy` does beside its call: names the price before it, and waits until the deployment is up."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from tensormesh_cli.account.deployments import UP
from tensormesh_cli.account.hourly_price import sentence
from tensormesh_cli.account.patience import Patience
from tensormesh_cli.app import App
from tensormesh_cli.client import body_of
from tensormesh_cli.commands.extension import Extension
from tensormesh_cli.errors import CliError
from tensormesh_cli.values.numbers import Seconds

LOOK_SECONDS = 3.0
"""The pause between two looks at a deployment that is starting."""

_OVER = ("FAIL", "ERROR", "DELET", "STOP", "TERMINAT", "CRASH", "CANCEL")
"""In the name of a status, these say that a deployment will not come up."""

OPTIONS = (
    click.Option(["--wait"], is_flag=True, help="Wait until it is up, and show how far it is."),
    click.Option(
        ["--max-wait-seconds"],
        type=Seconds(min=0),
        default=1800.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait with --wait.",
    ),
)


def price(app: App, request: Mapping[str, Any]) -> str:
    """What the question says of the price."""
    try:
        prices = app.call(lambda client: client.control_plane.billing.pricing.gpu.list())
    except CliError as error:
        if error.kind in ("not_logged_in", "unauthorized", "config"):
            raise  # the deployment itself would end the same way
        return "What it costs by the hour could not be looked up."
    return sentence(request, [item.to_dict() for item in prices])


def until_up(app: App, answer: Any, *, wait: bool, max_wait_seconds: float) -> Any:
    """
    The deployment when it is up, in place of the answer that it was begun; that answer where nobody waits.

    Raises:
        CliError: it failed, or is not up in time. It is there all the same, and costs money.
    """
    model_id = (answer.get("model") or {}).get("modelId") if isinstance(answer, dict) else None
    if not wait or not model_id:
        return answer
    try:
        return _wait(app, answer, str(model_id), max_wait_seconds)
    except KeyboardInterrupt as error:
        click.echo(err=True)
        raise CliError("interrupted", "Nobody waits any more; the deployment goes on.", _where(model_id)) from error


def _wait(app: App, answer: Any, model_id: str, patience: float) -> Any:
    deadline = time.monotonic() + patience
    told, looks = 0, Patience()
    with app.progress("Waiting for the deployment") as progress:
        while True:
            model = answer["model"]
            status = _plain(model.get("status"))
            events = [str(event.get("log") or "") for event in model.get("events") or () if isinstance(event, dict)]
            for line in events[told:]:
                if not progress.shown:
                    app.note(line)
            told = max(told, len(events))
            progress.text = f"{status}: {events[-1]}" if events else status
            if model.get("status") == UP:
                return answer
            if any(word in str(model.get("status")).upper() for word in _OVER):
                last = f", and said last: {events[-1]}" if events else ""
                raise CliError("not_ready", f"The deployment is {status}{last}.", _where(model_id))
            if time.monotonic() >= deadline:
                raise CliError(
                    "timeout", f"The deployment is {status} and not up within {patience:g} seconds.", _where(model_id)
                )
            time.sleep(min(LOOK_SECONDS, max(0.0, deadline - time.monotonic())))
            try:
                answer = _look(app, model_id)
                looks.answered()
            except CliError as error:
                if not looks.bears(error):
                    error.hint = _where(model_id)
                    raise


def _look(app: App, model_id: str) -> Any:
    found = body_of(app.call(lambda client: client.control_plane.models.with_raw_response.get(model_id)))
    if not isinstance(found, dict) or not isinstance(found.get("model"), dict):
        raise CliError("protocol", "The control plane answered without the deployment.")
    return found


def _plain(status: Any) -> str:
    return str(status or "").removeprefix("MODEL_STATUS_").lower().replace("_", " ") or "without a status"


def _where(model_id: Any) -> str:
    return f"it is there and costs money: `tm models get {model_id}` looks again, `tm models delete {model_id}` ends it"


EXTENSION = Extension(OPTIONS, price, until_up)
