"""Names that a shell completes after asking the host: of models, deployments, tickets and the like."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tensormesh_cli.app import App
from tensormesh_cli.client import body_of
from tensormesh_cli.errors import CliError
from tensormesh_cli.output.table import rows_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PATIENCE_SECONDS = 2.0
"""Whoever waits for a shell sees nothing meanwhile."""

type Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


class Listing(NamedTuple):
    """
    Where names come from.

    Attributes:
        call: the call of the control plane that lists the things.
        key: the field that is a name of one.
        help: the field that says which it is.
    """

    call: str
    key: str
    help: str


DEPLOYMENTS = Listing("models", "modelId", "modelName")
_PRICES = Listing("admin.billing.pricing.serverless", "id", "model")
_CARDS = Listing("billing.stripe.payment_methods", "stripePaymentMethodId", "brand")
_USERS = Listing("admin.users", "id", "userEmail")

LISTINGS = {
    "model_id": DEPLOYMENTS,
    "deployment_id": Listing("models", "deploymentId", "modelName"),
    "ticket_id": Listing("support.tickets", "ticketId", "subject"),
    "activity_id": Listing("activities", "activityId", "description"),
    "product_id": Listing("products", "id", "name"),
    "product.id": Listing("products", "id", "name"),
    "pricing_id": _PRICES,
    "pricing.id": _PRICES,
    "stripe_payment_method_id": _CARDS,
    "stripePaymentMethodId": _CARDS,
    "targetUserId": _USERS,
    "targetUserIds": _USERS,
}
"""The argument or field of a call -> where its values are listed. Keys are secrets, and not among them."""


def completer(target: str) -> Completer | None:
    """Completes what goes into an argument or a field, where that is a name of something."""
    listing = LISTINGS.get(target)
    return None if listing is None else of(lambda app, ctx: listed(app, listing))


def listed(app: App, listing: Listing) -> list[tuple[str, str]]:
    """The names of a listing, and what each is about."""

    def ask(client: Any) -> Any:
        node = client.control_plane
        for name in listing.call.split("."):
            node = getattr(node, name)
        return node.with_raw_response.list()

    rows = rows_of(body_of(app.call(ask))) or []
    return [
        (str(row.get(listing.key) or ""), str(row.get(listing.help) or "")) for row in rows if isinstance(row, dict)
    ]


def of(ask: Callable[[App, click.Context], Iterable[tuple[str, str]]]) -> Completer:
    """Completes what `ask` finds; nothing where it fails, for a shell has no place for an error."""

    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        app = ctx.find_object(App)
        if app is None:
            return []
        app.flags |= {"quiet": True, "timeout_seconds": PATIENCE_SECONDS, "max_retries": 0}
        try:
            with ctx.scope():
                found = list(ask(app, ctx))
        except (CliError, OSError, click.ClickException):
            return []
        return [
            CompletionItem(name, help=about if about.isprintable() else None)
            for name, about in found
            if name.startswith(incomplete) and name.isprintable() and " " not in name and name
        ]

    return complete
