"""
What is shown of a request without its secrets.

Knows by which names secrets go, and how the keys of this host look. The
headers of a record have none left.
"""

import re
from urllib.parse import parse_qsl, quote

from tensormesh_documents.json_types import Json
from tensormesh_local.request_log import REDACTED

_NAMES = re.compile(r"(key|token|secret|password|code|intentid|methodid)$", re.IGNORECASE)
_NO_SECRETS = frozenset({"pageToken", "nextPageToken", "error_code", "currencyCode"})
_KEYS = re.compile(r"\b(ak|cp|sk|hf)([-_])(?:local-)?[A-Za-z0-9_-]{12,}")


def without_keys(text: str) -> str:
    """The text without what looks like a key."""
    return _KEYS.sub(rf"\1\2{REDACTED}", text)


def without_secrets(value: Json) -> Json:
    """The value without the texts under the names of secrets, and without keys anywhere."""
    if isinstance(value, dict):
        return {
            name: REDACTED if isinstance(item, str) and item and _is_secret(name) else without_secrets(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return without_keys(value) if isinstance(value, str) else value


def query_without_secrets(query: str) -> str:
    """The query string without secrets."""
    return "&".join(
        f"{quote(name)}={REDACTED if _is_secret(name) else quote(without_keys(value))}"
        for name, value in parse_qsl(query, keep_blank_values=True)
    )


def _is_secret(name: str) -> bool:
    return _NAMES.search(name) is not None and name not in _NO_SECRETS
