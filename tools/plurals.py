"""The word for one of many, for an option that is given once for each. A library for it takes longer than all else."""

from __future__ import annotations

import re

_IRREGULAR = {
    "analyses": "analysis", "axes": "axis", "caches": "cache", "children": "child", "cookies": "cookie",
    "crises": "crisis", "indices": "index", "matrices": "matrix", "movies": "movie", "people": "person",
    "theses": "thesis", "vertices": "vertex",
}  # fmt: skip
_SAME = {
    "alias", "atlas", "aws", "bias", "canvas", "chaos", "dns", "gas", "gps", "https", "ios", "kubernetes", "lens",
    "news", "redis", "series", "sms", "species", "tls",
}  # fmt: skip
_RULES = (
    (r"(ss|[sx]is|(?<![cgnt]p)(?<!men)us)$", r"\1"),
    (r"(\w{2})ies$", r"\1y"),
    (r"(ss|sh|x|zz|[oe]ach|[^a]ch|ias|las|(?:tat|ir|on|\bb|mp|rp|oc)us)es$", r"\1"),
    (r"(\w)s$", r"\1"),
)


def singular(name: str) -> str:
    """`target-user-ids` -> `target-user-id`; `statuses` and `status` are both `status`."""
    start, hyphen, word = name.rpartition("-")
    if word in _SAME:
        return name
    if word in _IRREGULAR:
        return f"{start}{hyphen}{_IRREGULAR[word]}"
    for pattern, one in _RULES:
        if re.search(pattern, word):
            return f"{start}{hyphen}{re.sub(pattern, one, word)}"
    return name
