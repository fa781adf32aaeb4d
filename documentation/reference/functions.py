"""The pages of the plain functions of `tensormesh_generated.api`: a module for each operation, by tag."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from documentation.reference.entries import Entry, page
from tensormesh_generated import api

TITLES = {
    "inference": "Functions of inference",
    "accounts": "Functions of users, keys and support",
    "billing": "Functions of billing",
    "deployments": "Functions of deployments",
    "admin": "Functions of administration",
}

TAGS = {
    "inference": ("chat", "completions", "responses", "models", "tokenize", "detokenize", "health", "version"),
    "accounts": ("users", "api_keys", "activities", "cli_auth", "support"),
    "billing": ("billing", "billing_stripe", "pricing"),
    "deployments": ("deployments", "products", "observability"),
    "admin": ("admin_billing", "admin_models", "admin_pricing", "admin_products", "admin_users"),
}
"""Which tags stand on which page."""

WORDS = """
Modules of `tensormesh_generated.api`. Each has the same functions: `sync` and `asyncio` give the answer,
`sync_detailed` and `asyncio_detailed` its status, headers and request id as well, `stream` and `astream`, where there
is a stream, its events; `build_request` gives the call as a value, unsent. `client=` is a surface, such as
`client.inference.serverless` or `client.control_plane`, or anything of your own that can `send`.
"""

FUNCTIONS = ("sync", "sync_detailed", "asyncio", "asyncio_detailed", "stream", "astream", "build_request")
OPTIONS = {"members": f"[{', '.join(FUNCTIONS)}]"}


def entries(slug: str) -> Iterator[Entry]:
    """What stands on a page."""
    for tag in TAGS[slug]:
        for name in getattr(api, tag).__all__:
            path = f"tensormesh_generated.api.{tag}.{name}"
            module = import_module(path)
            calls = f"`{module.OPERATION.method} {module.OPERATION.path}`"
            words = (module.__doc__ or "").partition(":")[0] + "."
            yield Entry(f"{tag}.{name}", path, words, calls, OPTIONS)


def text(slug: str) -> str:
    """The text of a page."""
    return page(TITLES[slug], WORDS, entries(slug))
