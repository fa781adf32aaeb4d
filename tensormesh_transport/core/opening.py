"""From a connection to one that carries requests: TLS to a proxy, a way through it, TLS to the host. No I/O."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.core.route import Route, tunnel
from tensormesh_transport.errors import ConnectError, TLSError

if TYPE_CHECKING:
    import ssl

    from tensormesh_transport.tls import TLSLayer

type Layers = tuple[TLSLayer, ...]
"""The TLS that a connection is wrapped in, the outermost first; mostly none or one."""

type Opening = Generator[memoryview, bytes, Layers]
"""Yields what is to be sent, is sent what came (nothing where the other side closed), and returns the layers."""

_NOTHING = memoryview(b"")


def opening(route: Route, context: ssl.SSLContext) -> Opening:
    """
    Make a connection ready for requests. What its last layer still has to say goes out with the first of them.

    Raises:
        ConnectError: the other side will have none of it.
    """
    layers: Layers = ()
    if route.proxy is not None:
        with route.to_proxy():
            if route.dials.scheme == "https":
                layers = yield from _secured(layers, context, route.dials.host)
            if route.secure:
                yield from _led_through(layers, route)
    if route.secure:
        layers = yield from _secured(layers, context, route.origin.host)
    return layers


def encrypted(layers: Layers, data: memoryview) -> memoryview:
    """What carries `data` through all layers."""
    for layer in reversed(layers):
        data = memoryview(layer.encrypt(data))
    return data


def decrypted(layers: Layers, data: bytes | memoryview) -> bytes | memoryview:
    """What came through all layers."""
    for layer in layers:
        data = layer.decrypt(data)
    return data


def receive(layers: Layers, exchange: Exchange, data: bytes | memoryview) -> None:
    """Take in what came for an exchange; where nothing came, the other side has closed the connection."""
    if not data:
        exchange.end()
    elif not layers:
        exchange.feed(data)
    else:
        if plain := decrypted(layers, data):
            exchange.feed(plain)
        for layer in layers:
            if layer.error is not None:
                exchange.fail(layer.error)
            elif layer.ended:
                exchange.end()


def is_stray(layers: Layers, data: bytes | memoryview) -> bool:
    """Whether what came while nothing was asked means that the connection is of no use; TLS may have said something."""
    if not layers or not data:
        return True
    return bool(decrypted(layers, data)) or any(layer.error or layer.ended for layer in layers)


def _secured(layers: Layers, context: ssl.SSLContext, name: str) -> Opening:
    from tensormesh_transport.tls import TLSLayer

    inner, came = TLSLayer(context, name), b""
    while not inner.shake_hands(came):
        came = yield from _told(layers, memoryview(inner.outgoing()))
        if not came:
            raise TLSError("the other side closed the connection during the handshake")
    return (*layers, inner)


def _led_through(layers: Layers, route: Route) -> Generator[memoryview, bytes]:
    exchange, asks = Exchange("CONNECT"), memoryview(tunnel(route))  # a view shows no password
    while not (exchange.status or exchange.over):  # what a refusal says beyond its status is not waited for
        came = yield from _told(layers, asks)
        asks = _NOTHING
        if came:
            exchange.feed(came)
        else:
            exchange.end()
    if exchange.error is not None:
        raise ConnectError(str(exchange.error))
    if not 200 <= exchange.status < 300:
        raise ConnectError(f"it answered HTTP {exchange.status}")


def _told(layers: Layers, data: memoryview) -> Generator[memoryview, bytes, bytes]:
    """Send through the layers there are already; gives what comes back through them."""
    while came := (yield encrypted(layers, data)):
        plain = decrypted(layers, came)
        if plain or any(layer.ended or layer.error for layer in layers):
            return bytes(plain)
        data = _NOTHING
    return b""
