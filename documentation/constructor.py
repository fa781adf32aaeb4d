"""An extension of griffe, which reads the code for the reference: the constructor that both clients share is theirs."""

from __future__ import annotations

from copy import copy
from typing import Any

from griffe import Class, Extension, GriffeLoader, Module

SHARED = "_Settings"
CLIENTS = ("Tensormesh", "AsyncTensormesh")
METHODS = ("__init__", "with_options")


class SharedConstructor(Extension):
    """Shows what a client inherits from a private class as a member of the client."""

    def on_package(self, *, pkg: Module, loader: GriffeLoader, **kwargs: Any) -> None:
        """Move the members, where the package has them."""
        if pkg.path != "tensormesh_overlay":
            return
        module = pkg["client"]
        for name in CLIENTS:
            client = module[name]
            assert isinstance(client, Class)
            for method in METHODS:
                client.set_member(method, copy(module[SHARED][method]))
