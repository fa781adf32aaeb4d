"""
The command line: python -m tensormesh_local.

Knows options, banner and signals; refuses to know what the host does.
"""

import argparse
import ipaddress
import signal
import sys
import threading
import uuid
from collections.abc import Sequence
from pathlib import Path

from tensormesh_local.env_file import env_text, write_env_file
from tensormesh_local.options import Options
from tensormesh_local.server import LocalHost, StartError


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _user_id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise argparse.ArgumentTypeError("a user id is a UUID") from None


def _tokens(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("a context has at least one token")
    return count


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 60:
        raise argparse.ArgumentTypeError("a pace is a number of seconds from 0 to 60")
    return seconds


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("a URL begins with http:// or https://")
    return text


def parser() -> argparse.ArgumentParser:
    """Give the parser of the command line."""
    found = argparse.ArgumentParser(
        prog="python -m tensormesh_local",
        description="A Tensormesh of one's own on 127.0.0.1: both inference surfaces and a "
        "small control plane, for trying the SDK and for tests.",
    )
    add = found.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=_port, default=8000, help="port, 0 for any free one (default: %(default)s)")
    add("--env-file", type=Path, metavar="FILE", help="write the TENSORMESH_* variables here")
    add("--show-secrets", action="store_true", help="print those variables, keys included")
    add("--inference-api-key", metavar="KEY", help="key to accept (default: a random one)")
    add("--control-plane-token", metavar="TOKEN", help="token to accept (default: a random one)")
    add("--user-id", type=_user_id, metavar="UUID", help="user to know (default: a random one)")
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
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="pause between two pieces of a stream (default: none)",
    )
    add("--upstream", type=_url, metavar="URL", help="let an OpenAI-compatible engine answer")
    add("--upstream-key", metavar="KEY", help="key for that engine")
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
        reasoning_field=given.reasoning_field,
        leak_think=given.leak_think,
        allow_json_schema=given.allow_json_schema,
        context_tokens=given.context_tokens,
        pace_seconds=given.pace,
        upstream=given.upstream,
        upstream_key=given.upstream_key,
    )
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end.set())
    try:
        with LocalHost(options) as host:
            if given.env_file is not None:
                write_env_file(given.env_file, host.environment())
            print(_banner(host, given.env_file, secrets=given.show_secrets), flush=True)
            end.wait()
    except StartError as exc:
        print(exc, file=sys.stderr)
        return 1
    except OSError as exc:
        print(f"Cannot write {given.env_file}: {exc.strerror or exc}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
