"""
A host in the foreground: it serves until a signal ends it.

Knows the banner, the signals and the file for a shell; does not read the
command line.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tensormesh_local import LocalHost, StartError
from tensormesh_local.authority import is_loopback
from tensormesh_local.env_file import env_file, env_text
from tensormesh_local.options import Options

ENDS = ("SIGINT", "SIGTERM", "SIGHUP")
"""The signals that end a host in good order; not every system has all of them."""


def run(options: Options, file: Path | None, *, show_secrets: bool) -> None:
    """
    Run a host until a signal ends it.

    Args:
        file: where the variables are kept meanwhile that lead a shell there.

    Raises:
        StartError: it cannot start, or the file cannot be written.
    """
    end = threading.Event()
    for name in ENDS:
        number = getattr(signal, name, None)
        # `nohup` has SIGHUP ignored, and means it.
        if number is not None and (name != "SIGHUP" or signal.getsignal(number) is not signal.SIG_IGN):
            signal.signal(number, lambda *_: end.set())
    with LocalHost(options) as host, _written(file, host):
        _tell(_banner(host, file, secrets=show_secrets))
        end.wait()


def _banner(host: LocalHost, file: Path | None, *, secrets: bool) -> str:
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
        f"    console        {host.base_url}/  (what is sent, and what of it is cached)",
        "",
    ]
    if file is not None:
        lines += [f"  Keys and addresses for a shell:  . {file}", ""]
    elif not secrets:
        lines += ["  For the keys: --env-file FILE writes them down, --show-secrets shows them.", ""]
    if secrets:
        lines += [env_text(host.environment())]
    if options.host != "localhost" and not is_loopback(options.host):
        lines += ["  Careful: other machines can reach this address.", ""]
    return "\n".join([*lines, "  Ctrl-C ends it.", ""])


def _tell(text: str) -> None:
    """Print; a host serves as well where nobody reads what it says, or a full disk cannot hold it."""
    try:
        print(text, flush=True)
    except OSError:
        # What is still buffered has nowhere to go; Python would complain about it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _written(file: Path | None, host: LocalHost) -> Iterator[None]:
    """Keep the file there as long as the host runs."""
    if file is None:
        yield
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(env_file(file, host.environment()))
        except OSError as exc:
            raise StartError(f"Cannot write {file}: {exc.strerror or exc}.") from exc
        yield
