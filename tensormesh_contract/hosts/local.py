"""
A Tensormesh of one's own to run against: one local host for each surface.

One each, because a fuzz run changes what it can: a key that is deleted on the
control plane must not be the one that inference is asked with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.hosts.credentials import Credentials
from tensormesh_contract.hosts.target import Target
from tensormesh_local import LocalHost, Options

_USER_ID = "3f0d9c1e-7a64-4b52-9d7e-2c58f1a6b0e4"
"""The user that the examples of the documents speak of."""


@contextmanager
def own_targets(names: Sequence[SurfaceName]) -> Iterator[list[Target]]:
    """Start the hosts, and stop them afterwards."""
    with ExitStack() as stack:
        yield [own_target(stack.enter_context(LocalHost(own_options())), name) for name in names]


def own_options() -> Options:
    """Give the settings under which every operation can succeed."""
    return Options(user_id=_USER_ID, role="super-admin", deploy_seconds=0.0)


def own_target(host: LocalHost, name: SurfaceName) -> Target:
    """Give one surface of a running host."""
    urls: Mapping[SurfaceName, tuple[str, str]] = {
        SurfaceName.SERVERLESS: (host.serverless_base_url, host.inference_api_key),
        SurfaceName.ON_DEMAND: (host.on_demand_base_url, host.inference_api_key),
        SurfaceName.CONTROL_PLANE: (host.control_plane_base_url, host.control_plane_token),
    }
    base_url, key = urls[name]
    return Target(name, base_url, Credentials(key, host.on_demand_user_id), own=True)
