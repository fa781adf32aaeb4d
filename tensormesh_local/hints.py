"""
What was probably meant by a path that does not exist.

Knows the usual slips with `/v1` and with the prefixes of the surfaces; does
not answer in place of the right path.
"""

SURFACES = ("/serverless", "/on-demand")
OUTSIDE_V1 = ("/tokenize", "/detokenize", "/health", "/version")
INSIDE_V1 = ("/chat/completions", "/completions", "/responses", "/models")


def hint_for(path: str) -> str | None:
    """Say in one sentence what to change, or None."""
    surface = next((name for name in SURFACES if path.startswith(name + "/")), None)
    if surface is None:
        if path.startswith(("/v1/", *OUTSIDE_V1)):
            return f"This host serves two surfaces: it is {' or '.join(name + path for name in SURFACES)}."
        return None
    below = path.removeprefix(surface).rstrip("/")
    if below.startswith("/v1/v1/"):
        return f"`/v1` stands twice in this path: the base URL of a client that adds `/v1` itself ends in {surface}."
    if below in INSIDE_V1:
        return f"`/v1` is missing in this path: it is {surface}/v1{below}."
    if below.removeprefix("/v1") in OUTSIDE_V1 and below.startswith("/v1"):
        return f"This one stands outside `/v1`: it is {surface}{below.removeprefix('/v1')}."
    if path.endswith("/") and (below.removeprefix("/v1") in (*INSIDE_V1, *OUTSIDE_V1)):
        return f"Leave the slash at the end out: it is {surface}{below}."
    return None
