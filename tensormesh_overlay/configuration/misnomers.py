"""Names that people try for settings, because other clients or their memory have them, and what is meant."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import wraps
from typing import Any

_BASE_URLS = ("serverless_base_url", "on_demand_base_url", "control_plane_base_url")
_KEY, _TOKEN = ("inference_api_key",), ("control_plane_token",)

_MEANT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("api_key", "apikey", "key", "inference_key", "serverless_api_key", "on_demand_api_key"), _KEY),
    **dict.fromkeys(("token", "auth_token", "access_token", "bearer_token"), _TOKEN),
    **dict.fromkeys(("base_url", "api_base", "api_url", "base", "endpoint", "host", "url"), _BASE_URLS),
    **dict.fromkeys(("user", "user_id"), ("on_demand_user_id",)),
    **dict.fromkeys(("timeout", "timeouts", "timeout_seconds", "request_timeout"), ("timeout",)),
    **dict.fromkeys(("retries", "max_retry", "num_retries", "retry_count"), ("max_retries",)),
    **dict.fromkeys(("retry_policy", "retry_config"), ("retry",)),
    **dict.fromkeys(("headers", "extra_headers"), ("default_headers",)),
    **dict.fromkeys(("ca_cert", "ca_certs", "ca_file", "cert", "ssl_verify", "verify"), ("ca_bundle",)),
    **dict.fromkeys(("client", "http_session", "session"), ("http_client",)),
    **dict.fromkeys(("environ", "environment"), ("env",)),
}
"""What other clients call it -> our settings for it."""

PREFIX = "TENSORMESH_"
LOCAL_ONLY = "TENSORMESH_LOCAL_ONLY"
"""The variable that keeps clients on this machine. It is no setting: a client is confined, whatever it was given."""
OTHERS = "TENSORMESH_LOCAL_"
"""Other variables that begin so are those of a local host."""

_VAGUE = frozenset({"base", "host", "user"})
"""What a variable of that name says may be somebody else's."""


def meant(name: str, known: Collection[str]) -> list[str]:
    """What `name` may stand for among the `known` names; nothing where it is like none of them."""
    exact = [setting for setting in _MEANT.get(name.lower(), ()) if setting in known]
    return exact or _closest(name.lower(), known, 0.8)


def unknown_argument(call: str, name: str, known: Collection[str]) -> TypeError:
    """The error for an argument that a call of a client does not take."""
    close = meant(name, known)
    hint = f"did you mean {_listed(close)}?" if close else f"there are {', '.join(known)}"
    return TypeError(f"{call}() takes no argument {name!r}; {hint}")


def named(method: Callable[..., Any]) -> Callable[..., Any]:
    """
    Refuse what a method does not take, in words that say what is meant and by the name of the class that was called.

    Neither words nor frames show what was given: it may be a key.
    """
    known = tuple(getattr(method, "__kwdefaults__", None) or ())

    @wraps(method)
    def checked(self: Any, *args: Any, **given: Any) -> Any:
        strange = next((name for name in given if name not in known), None) if known else None
        if args or strange:
            call = type(self).__name__ + ("" if method.__name__ == "__init__" else f".{method.__name__}")
            error = unknown_argument(call, strange, known) if strange else _unnamed(call, args[0])
            del args, given
            raise error
        try:
            return method(self, **given)
        finally:
            del given  # among which is a key, from the frame of an error

    return checked


def warn_of_variables(environ: Mapping[str, str], settings: Mapping[str, str], decided: Iterable[str]) -> None:
    """
    Warn of variables that nobody reads, and that are nearly called as one that is.

    Args:
        environ: the variables that begin with our prefix.
        settings: each setting that has a variable, and its name.
        decided: settings that have a value: what else may stand in the environment does not matter to them.
    """
    for name in environ:
        rest = name.removeprefix(PREFIX).lower()
        if name != LOCAL_ONLY and environ[name].strip() and _closest(name, (LOCAL_ONLY,), 0.9):
            _warn(name, LOCAL_ONLY)
            continue
        known = name in settings.values() or name.startswith(OTHERS) or rest in _VAGUE
        if known or not environ[name].strip():
            continue
        close = meant(rest, settings)
        if not close:
            variables = {variable: setting for setting, variable in settings.items()}
            close = [variables[variable] for variable in _closest(name, variables, 0.9)]
        if close and not any(setting in decided for setting in close):
            _warn(name, _listed([settings[setting] for setting in close], ""))


def _warn(name: str, hint: str) -> None:
    warnings.warn(
        f"the variable {name} is not read; did you mean {hint}?",
        skip_file_prefixes=(os.path.dirname(os.path.dirname(__file__)),),
        stacklevel=2,
    )


def _closest(name: str, known: Iterable[str], cutoff: float) -> list[str]:
    import difflib  # which takes its time to load

    return difflib.get_close_matches(name, known, 1, cutoff)


def _unnamed(call: str, value: Any) -> TypeError:
    said = f"{call}() takes its arguments by name"
    if not isinstance(value, str):
        return TypeError(f"{said}, such as {call}(timeout=...)")
    likely = _BASE_URLS if value.startswith(("http://", "https://")) else _KEY
    return TypeError(f"{said}; did you mean {_listed(list(likely))}?")


def _listed(names: list[str], sign: str = "=") -> str:
    shown = [f"{name}{sign}" for name in names]
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if shown[1:] else shown[0]
