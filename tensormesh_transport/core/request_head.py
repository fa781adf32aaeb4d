"""The first line of a request and its headers, as bytes. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tensormesh_transport.errors import UsageError


class RequestHeaders(Mapping[str, str]):
    """
    Headers that many requests have in common, and that nobody changes.

    Attributes:
        head: the last head that was made with them, and of what; the next request is most often like the last.
        shared: those of them that other requests have, too, where these are one request's.
        own: the others then.
    """

    def __init__(
        self, values: Mapping[str, str], shared: RequestHeaders | None = None, own: Mapping[str, str] | None = None
    ) -> None:
        self._values = dict(values)
        self.head: tuple[object, str, str, bytes] = (None, "", "", b"")
        self.shared = shared
        self.own = own or {}

    def beside(self, more: Mapping[str, str]) -> RequestHeaders:
        """These, and more of one request; one of the same name takes the place of one of these."""
        values = {**self._values, **more}
        apart = len(values) == len(self._values) + len(more) and "host" not in more
        return RequestHeaders(values, self, more) if apart else RequestHeaders(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values


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
