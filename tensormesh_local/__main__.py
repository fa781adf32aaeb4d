"""
The command line: python -m tensormesh_local.

Knows options, banner and signals; refuses to know what the host does.
"""

import argparse
import ipaddress
import os
import signal
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tensormesh_local.env_file import env_text, remove_env_file, write_env_file
from tensormesh_local.options import Options

try:
    from tensormesh_local import LocalHost, StartError
except ModuleNotFoundError as missing:
    sys.exit(str(missing))

ENDS = ("SIGINT", "SIGTERM", "SIGHUP")
"""The signals that end a host in good order; not every system has all of them."""


def _whole(text: str, low: int, high: int, what: str) -> int:
    if not (text.isdecimal() and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(f"{what}, not {text!r}")
    return int(text)


def _port(text: str) -> int:
    return _whole(text, 0, 65_535, "a port is a number from 0 to 65535")


def _tokens(text: str) -> int:
    return _whole(text, 1, 2**31, "a context is a number of tokens, at least one")


def _seconds(text: str, high: int, what: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= high:
        raise argparse.ArgumentTypeError(f"{what} is a number of seconds from 0 to {high}, not {text!r}")
    return seconds


def _pace(text: str) -> float:
    return _seconds(text, 60, "a pace")


def _deploy_time(text: str) -> float:
    return _seconds(text, 86_400, "the time of a deployment")


def _user_id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"a user id is a UUID, not {text!r}") from None


def _secret(text: str) -> str:
    # Not repeated: it may be a real key with a slip in it.
    if not text.isascii() or not text.isprintable() or not text or " " in text:
        raise argparse.ArgumentTypeError("a key is made of visible ASCII characters, without spaces")
    return text


def _url(text: str) -> str:
    try:
        found = urlsplit(text)
        fits = found.scheme in ("http", "https") and bool(found.hostname)
    except ValueError:
        fits = False
    if "@" in text:
        # Not repeated: what stands before it is a secret.
        raise argparse.ArgumentTypeError("the URL must hold no user name and no password; --upstream-key is for a key")
    if not fits:
        raise argparse.ArgumentTypeError(f"a URL is like http://127.0.0.1:8000, not {text!r}")
    return text


def parser() -> argparse.ArgumentParser:
    """Give the parser of the command line."""
    found = argparse.ArgumentParser(
        prog="python -m tensormesh_local",
        description="A Tensormesh of one's own on 127.0.0.1: both inference surfaces and the "
        "control plane, for trying the SDK and for tests.",
        epilog="While it runs, faults are scripted over HTTP: POST, with the control-plane token, an object such as "
        '{"status": 429, "headers": {"Retry-After": "1"}} to /_local/faults; one that is not understood is told the '
        "keys there are. GET /_local/requests lists what was asked so far.",
    )
    add = found.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=_port, default=8000, help="port, 0 for any free one (default: %(default)s)")
    add("--env-file", type=Path, metavar="FILE", help="write the TENSORMESH_* variables here while it runs")
    add("--show-secrets", action="store_true", help="print those variables, keys included")
    add("--inference-api-key", type=_secret, metavar="KEY", help="key to accept (default: a random one)")
    add("--control-plane-token", type=_secret, metavar="TOKEN", help="token to accept (default: a random one)")
    add("--user-id", type=_user_id, metavar="UUID", help="user to know (default: a random one)")
    add("--role", choices=("user", "admin", "super-admin"), help="what that user may do on the control plane")
    add("--state", type=Path, metavar="FILE", help="keep the account in this file (default: in memory)")
    add(
        "--deploy-seconds",
        type=_deploy_time,
        default=5.0,
        metavar="SECONDS",
        help="time until a new deployment is up (default: %(default)g)",
    )
    add(
        "--reasoning-field",
        choices=("reasoning", "reasoning_content"),
        default="reasoning",
        help="name under which reasoning is sent (default: %(default)s)",
    )
    add("--leak-think", action="store_true", help="write reasoning into the content instead")
    add("--allow-json-schema", action="store_true", help="accept response_format of type json_schema")
    add("--context-tokens", type=_tokens, metavar="N", help="one context length for all models")
    add(
        "--pace",
        type=_pace,
        default=0.0,
        metavar="SECONDS",
        help="pause between two pieces of a stream (default: none)",
    )
    add("--upstream", type=_url, metavar="URL", help="let an OpenAI-compatible engine answer")
    add("--upstream-key", type=_secret, metavar="KEY", help="key for that engine")
    return found


def _banner(host: LocalHost, env_file: Path | None, *, secrets: bool) -> str:
    options = host.options
    engine = f"relayed to {options.upstream}" if options.upstream else "built in"
    lines = [
        "",
        "  Tensormesh, local",
        "",
        f"    serverless     {host.serverless_base_url}",
        f"    on-demand      {host.on_demand_base_url}",
        f"    control plane  {host.control_plane_base_url}",
        f"    engine         {engine}",
        "",
    ]
    if env_file is not None:
        lines += [f"  Keys and addresses for a shell:  . {env_file}", ""]
    elif not secrets:
        lines += ["  For the keys: --env-file FILE writes them down, --show-secrets shows them.", ""]
    if secrets:
        lines += [env_text(host.environment())]
    if not _is_loopback(options.host):
        lines += ["  Careful: other machines can reach this address.", ""]
    return "\n".join([*lines, "  Ctrl-C ends it.", ""])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a host until a signal ends it; give the exit status."""
    given = parser().parse_args(arguments)
    options = Options(
        host=given.host,
        port=given.port,
        inference_api_key=given.inference_api_key,
        control_plane_token=given.control_plane_token,
        user_id=given.user_id,
        role=given.role,
        state=given.state,
        deploy_seconds=given.deploy_seconds,
        reasoning_field=given.reasoning_field,
        leak_think=given.leak_think,
        allow_json_schema=given.allow_json_schema,
        context_tokens=given.context_tokens,
        pace_seconds=given.pace,
        upstream=given.upstream,
        upstream_key=given.upstream_key,
    )
    end = threading.Event()
    for name in ENDS:
        number = getattr(signal, name, None)
        # `nohup` has SIGHUP ignored, and means it.
        if number is not None and (name != "SIGHUP" or signal.getsignal(number) is not signal.SIG_IGN):
            signal.signal(number, lambda *_: end.set())
    try:
        with LocalHost(options) as host, _written(given.env_file, host):
            _tell(_banner(host, given.env_file, secrets=given.show_secrets))
            end.wait()
    except StartError as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


def _tell(text: str) -> None:
    """Print; a host serves as well where nobody reads what it says, or a full disk cannot hold it."""
    try:
        print(text, flush=True)
    except OSError:
        # What is still buffered has nowhere to go; Python would complain about it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _written(env_file: Path | None, host: LocalHost) -> Iterator[None]:
    """Keep the file there as long as the host runs."""
    if env_file is None:
        yield
        return
    variables = host.environment()
    try:
        write_env_file(env_file, variables)
    except OSError as exc:
        raise StartError(f"Cannot write {env_file}: {exc.strerror or exc}.") from exc
    try:
        yield
    finally:
        remove_env_file(env_file, variables)


if __name__ == "__main__":
    sys.exit(main())
