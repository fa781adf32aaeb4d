"""
`python -m tests.contract.gateway NAME ...`: a local host behind a gateway that drifts as named, until Ctrl-C.

Without a name, it lists those there are.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tensormesh_contract.exchanges.exchange import Answer, Exchange
from tensormesh_contract.hosts.local import own_options
from tensormesh_local import LocalHost
from tests.contract.conftest import Sent, drifting
from tests.contract.drifts import DRIFTS, Change, Drift
from tests.contract.oddities import ODDITIES

EVERY = (*DRIFTS, *ODDITIES)
BY_NAME = {drift.name: drift for drift in EVERY}


def together(drifts: Iterable[Drift]) -> Change:
    """All of some drifts, one after the other."""
    every = [*drifts]

    def change(sent: Sent) -> None:
        for drift in every:
            drift.change(sent)

    return change


def through(exchanges: Iterable[Exchange], change: Change) -> list[Exchange]:
    """What a gateway would have made of exchanges that were recorded without one."""
    return [_changed(one, change) for one in exchanges]


def _changed(exchange: Exchange, change: Change) -> Exchange:
    request, answer = exchange.request, exchange.answer
    if answer is None:
        return exchange
    keyed = "authorization" in request.headers
    sent = Sent(
        request.method,
        request.path,
        answer.status,
        dict(answer.headers),
        answer.body,
        request.query,
        request.body,
        keyed,
    )
    change(sent)
    return replace(exchange, answer=Answer(sent.status, tuple(sent.headers.items()), sent.body))


def main(names: Sequence[str]) -> int:
    unknown = [name for name in names if name not in BY_NAME]
    if not names or unknown:
        print(*(f"{name:<26} {drift.surface:<14} {drift.words}" for name, drift in BY_NAME.items()), sep="\n")
        return 2 if unknown else 0
    with LocalHost(own_options()) as host, drifting(host.base_url, together(BY_NAME[name] for name in names)) as url:
        print(f"KEY={host.inference_api_key} make contract HOST={url}/serverless", flush=True)
        print(f"KEY={host.control_plane_token} make contract HOST={url}/control-plane", flush=True)
        signal.pause()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
