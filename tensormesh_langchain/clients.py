"""The clients that a chat model calls with, made when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from pydantic import Secret, SecretStr

from tensormesh import AsyncTensormesh, ConfigurationError, Tensormesh


class Clients:
    """
    A client for each set of settings, kept as long as the model that it is of.

    Copies of a model may have other settings, and share these. A deep copy or a pickle has none yet, for clients hold
    connections.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: list[tuple[type, dict[str, Any], Any]] = []

    def get[C: (Tensormesh, AsyncTensormesh)](self, kind: type[C], settings: Mapping[str, Any]) -> C:
        """
        The client of some settings.

        Args:
            kind: `Tensormesh` or `AsyncTensormesh`.
            settings: arguments of its constructor; what is secret among them is wrapped, and nobody sees it in a frame.

        Raises:
            ConfigurationError: a setting is blank or wrong, or there is no key.
        """
        with self._lock:
            for made, known, client in self._made:
                if made is kind and known == settings:
                    found: C = client
                    return found
            client = kind(**{name: _plain(value) for name, value in settings.items()})
            if client.config.inference_api_key is None:
                raise ConfigurationError("ChatTensormesh needs api_key=, or the variable TENSORMESH_INFERENCE_API_KEY")
            self._made.append((kind, {**settings}, client))
            return client

    def __deepcopy__(self, memo: dict[int, Any]) -> Clients:
        return Clients()

    def __reduce__(self) -> tuple[type[Clients], tuple[()]]:
        return Clients, ()


def _plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, Secret | SecretStr) else value
