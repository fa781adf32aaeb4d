"""
The files of the page, and the rules a browser keeps them to.

Knows how they are served, but not what they do. Nothing on the page comes from
elsewhere, no script runs that is not one of these files, and no text becomes
markup: a browser that knows trusted types refuses it.
"""

from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

FILES = {
    "index.html": "text/html; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    **dict.fromkeys(
        (
            "account.js",
            "answer.js",
            "console.js",
            "elements.js",
            "faults.js",
            "lens.js",
            "live.js",
            "one.js",
            "requests.js",
            "server.js",
            "words.js",
        ),
        "text/javascript; charset=utf-8",
    ),
}
HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
        " form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script';"
        " trusted-types 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


@cache
def _content(name: str) -> bytes:
    return files(__package__).joinpath("static", name).read_bytes()


async def page(request: Request) -> Response:
    """Serve a file of the page; the page itself where none is named."""
    name = str(request.path_params.get("file", "index.html"))
    if name not in FILES:
        return PlainTextResponse("The console has no such file.", 404)
    return Response(_content(name), headers={**HEADERS, "content-type": FILES[name]})
