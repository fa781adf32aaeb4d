"""What each operation does, one kind of thing to a file. A handler is named after its operationId."""

from collections.abc import Mapping
from types import MappingProxyType

from tensormesh_local.control_plane.call import Handler
from tensormesh_local.control_plane.handlers import (
    activities,
    admin,
    api_keys,
    billing,
    login,
    models,
    observability,
    pricing,
    products,
    stripe,
    support,
    users,
)

_MODULES = (
    users,
    api_keys,
    billing,
    stripe,
    pricing,
    models,
    observability,
    support,
    activities,
    products,
    admin,
    login,
)

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {handler.__name__: handler for module in _MODULES for handler in module.HANDLERS}
)
