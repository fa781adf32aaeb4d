"""The first line of a request and its headers, as bytes. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tensormesh_transport.errors import UsageError
from tensormesh_transport.secret import SecretBytes


class RequestHeaders(Mapping[str, str]):
    """
    Headers that many requests have in common: nobody changes them, and their bytes are worked out once.

    Args:
        values: all of them.
        shared: those of them whose bytes may be known already.
        own: those that are not shared.
    """

    def __init__(
        self, values: Mapping[str, str], shared: RequestHeaders | None = None, own: Mapping[str, str] | None = None
    ) -> None:
        self._values = dict(values)
        self._shared = shared
        self._own = self._values if own is None else own
        self._bytes = b""

    def beside(self, more: Mapping[str, str]) -> RequestHeaders:
        """These, and more; one of the same name takes the place of one of these."""
        values = {**self._values, **more}
        apart = len(values) == len(self._values) + len(more)
        return RequestHeaders(values, self, more) if apart else RequestHeaders(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __bytes__(self) -> bytes:
        """
        Their lines.

        Raises:
            UsageError: something in them would end its line, or is no ASCII.
        """
        if not self._bytes:
            shared = b"" if self._shared is None else bytes(self._shared)
            self._bytes = SecretBytes(shared + header_lines(self._own))
        return self._bytes


def header_lines(headers: Mapping[str, str]) -> bytes:
    """
    The lines of some headers.

    Raises:
        UsageError: something in them would end its line, or is no ASCII.
    """
    text = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if text.count("\n") != len(headers) or text.count("\r") != len(headers) or "\0" in text:
        raise UsageError("a line of the request would not be one line")
    if not text.isascii():  # asked first, since the error of `encode` holds all of it
        raise UsageError("a header cannot be sent: it is no ASCII")
    return text.encode("ascii")


def request_line(method: str, target: str) -> bytes:
    """
    The line that says what is wanted.

    Raises:
        UsageError: it would be read as something else.
    """
    line = f"{method} {target} HTTP/1.1\r\n"
    if line.count(" ") != 2 or line.startswith(" ") or not line[:-2].isprintable():
        raise UsageError("the method or the path would be read as something else; percent-encode the path")
    if not line.isascii():
        raise UsageError("the path cannot be sent: it is no ASCII; percent-encode it")
    return line.encode("ascii")
