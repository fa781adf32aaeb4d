"""
The pictures of a request.

Knows the two ways to send one and by which bytes a format begins, as an engine that decodes them would find out; looks
at none, and fetches nothing: what an address leads to is taken on trust.
"""

import base64
import binascii
import hashlib
import re

from tensormesh_local.engine.conversation import Image
from tensormesh_local.errors import bad_request

_DATA = re.compile(r"data:(?P<kind>[^;,]*)(?:;[^;,]*)*?(?P<base64>;base64)?,(?P<data>.*)", re.DOTALL | re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^/\s]+", re.IGNORECASE)
_FORMATS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")


def read_image(url: str) -> Image:
    """
    Read a picture's address.

    Raises:
        Refusal: 400 where it is no address, or what it holds is no picture.
    """
    found = _DATA.fullmatch(url)
    if found is None:
        if _ADDRESS.match(url) is None:
            raise bad_request("The URL must be either a HTTP, data or file URL.", "image_url")
        return Image(hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest())
    if not found["base64"]:
        raise bad_request("Only base64 data URLs are supported for now.", "image_url")
    try:
        data = base64.b64decode(found["data"], validate=True)
    except (binascii.Error, ValueError) as exc:
        raise bad_request(f"Failed to load image: {exc}.", "image_url") from exc
    if not (data.startswith(_FORMATS) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP")):
        raise bad_request("Failed to load image: cannot identify image file.", "image_url")
    return Image(hashlib.sha256(data).digest())
