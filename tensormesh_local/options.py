"""
What a local host can be told before it starts.

Knows every setting with its default; does not read the command line or the
environment.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

type ReasoningField = Literal["reasoning", "reasoning_content"]
type Role = Literal["user", "admin", "super-admin"]

_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """
    The settings of one host. Their `repr` shows no key.

    Args:
        host: the address to listen on.
        port: the port, 0 for any free one.
        allowed_hosts: names and addresses it goes by beside its own, such as that of a container; a request that calls
            it by any other is refused.
        inference_api_key: the key for inference; None makes one up.
        control_plane_token: the token for the control plane; None makes one up.
        user_id: the UUID of the user they belong to; None makes one up.
        role: what that user may do on the control plane; None is a plain user, or what the state file says.
        state: the file that keeps the account from one start to the next; None keeps it in memory.
        clock: tells the time to the account, as an aware datetime; None is the clock of the machine.
        deploy_seconds: how long a new deployment takes to come up.
        reasoning_field: the name under which reasoning is sent.
        leak_think: write reasoning into the content, between think tags.
        allow_json_schema: accept `response_format` of type json_schema.
        context_tokens: one context length for all models, for tests that overflow it.
        pace_seconds: the pause between two pieces of a stream.
        upstream: base URL of an engine that answers instead of the built-in one.
        upstream_key: the key for that engine.
    """

    host: str = "127.0.0.1"
    port: int = 0
    allowed_hosts: tuple[str, ...] = ()
    inference_api_key: str | None = field(default=None, repr=False)
    control_plane_token: str | None = field(default=None, repr=False)
    user_id: str | None = None
    role: Role | None = None
    state: Path | None = None
    clock: Callable[[], datetime] | None = None
    deploy_seconds: float = 5.0
    reasoning_field: ReasoningField = "reasoning"
    leak_think: bool = False
    allow_json_schema: bool = False
    context_tokens: int | None = None
    pace_seconds: float = 0.0
    upstream: str | None = None
    upstream_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """
        Refuse what would show where nobody expects it.

        Raises:
            ValueError: the URL of the engine holds a user name or a password, or a further name is none.
        """
        if self.upstream is not None and "@" in self.upstream.partition("://")[2].partition("/")[0]:
            raise ValueError("upstream must hold no user name and no password: upstream_key is for its key")
        if isinstance(self.allowed_hosts, str):
            raise TypeError("allowed_hosts must be a tuple of names")
        for name in self.allowed_hosts:
            if not _NAME.fullmatch(name) and not _is_address(name):
                raise ValueError(f"a name to go by is like box.example, without http://, port or path, not {name!r}")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
