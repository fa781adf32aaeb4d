"""Which hosts are called without a proxy: this machine, and what NO_PROXY names."""

from __future__ import annotations

import re
import socket

_SEPARATORS = re.compile(r"[\s,;|]+")
_IPV4_IN_IPV6 = bytes(10) + b"\xff\xff"
_THIS_MACHINE = bytes(15) + b"\x01"


def is_local(host: str) -> bool:
    """
    Whether a host is this machine, by its name or its address.

    A proxy would look for it on its own machine, and be told the key.
    """
    name = _plain(host)
    packed = _packed(name)
    if len(packed) == 4:
        return packed[0] == 127 or not any(packed)
    return packed in (_THIS_MACHINE, bytes(16)) or name == "localhost" or name.endswith(".localhost")


def is_exempt(host: str, port: int, listed: str) -> bool:
    """
    Whether NO_PROXY exempts a host.

    Args:
        host: a name or an address, with brackets or without.
        listed: the value of NO_PROXY: names, which stand for all below them, too; addresses; ranges of them; each
            perhaps with a port, or with `*` for whatever may stand there; between them commas, semicolons, blanks or
            lines.
    """
    name = _plain(host)
    packed = _packed(name)
    return any(_names(entry, name, packed, port) for entry in _SEPARATORS.split(listed.lower()) if entry)


def _names(entry: str, name: str, packed: bytes, port: int) -> bool:
    """Whether one entry names a host."""
    _, is_url, entry = entry.strip("\"'").rpartition("://")
    entry = entry.partition("/")[0] if is_url else entry.rstrip("/")
    place, colon, number = entry.rpartition(":")
    if colon and (":" not in place or place.endswith("]") or "/" in place):
        if number not in ("", str(port)):
            return False
        entry = place
    if "/" in entry:
        return _is_within(packed, *entry.rpartition("/")[::2])
    entry = _plain(entry)
    if address := _packed(entry):
        return packed == address
    entry = _in_ascii(entry.removeprefix("*").lstrip(".") if entry.startswith(("*.", ".")) else entry)
    if "*" in entry:
        first, *between, last = map(re.escape, entry.split("*"))
        # Each part where it stands first: to try all its places takes for ever.
        pattern = "".join([first, *(f"(?>.*?{part})" for part in between), ".*", last])
        return re.fullmatch(pattern, name) is not None
    return bool(entry) and (name == entry or name.endswith(f".{entry}"))


def _is_within(packed: bytes, start: str, size: str) -> bool:
    """Whether an address is in a range: so many bits, or those of a mask, are those of its start."""
    if re.fullmatch(r"\d+(\.\d+){0,2}", start):
        # The rest of `10/8` is nought, but an address written so short would be another.
        start += ".0" * (3 - start.count("."))
    first = _packed(_plain(start))
    if not packed or len(packed) != len(first):
        return False
    bits = 8 * len(packed)
    if size.isascii() and size.isdigit():
        same = int(size[:4]) - (96 if bits == 32 and ":" in start else 0)
        mask = (1 << bits) - (1 << bits - same) if 0 <= same <= bits else -1
    else:
        mask = int.from_bytes(_packed(size)) if "." in size else -1
    return mask >= 0 and not (int.from_bytes(packed) ^ int.from_bytes(first)) & mask


def _plain(host: str) -> str:
    """A host as it is compared: without brackets, a zone, or a last dot, and in ASCII."""
    name = host.lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    if ":" in name:
        name = name.partition("%")[0]
    return _in_ascii(name.removesuffix("."))


def _in_ascii(name: str) -> str:
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name


def _packed(name: str) -> bytes:
    """The bytes of an address, however it is written, as short as they can be; none where it is a name."""
    try:
        if ":" not in name:
            return socket.inet_aton(name)
        packed = socket.inet_pton(socket.AF_INET6, name)
    except (OSError, ValueError):
        return b""
    return packed[12:] if packed.startswith(_IPV4_IN_IPV6) else packed
