"""
The command: `python -m tensormesh_local`, and `tm local`.

Knows the options and what each may hold, but not what the host does.
Until the command is run, nothing but click is loaded.
"""

import math
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import click

PORT = 8765
"""Where a host is that nobody gave a port: not 8000, which engines and web frameworks take."""

_FILE = click.Path(path_type=Path)
_MOST_BYTES = 64 * 1024
_UNSEEN = "with @ a file that holds it."


def _finite(ctx: click.Context, parameter: click.Parameter, seconds: float) -> float:
    """What a range lets through: it compares, and nothing is above or below `nan`."""
    if math.isnan(seconds):
        raise click.BadParameter("nan is no number of seconds.")
    return seconds


def _secret(ctx: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    """A key, as it stands there or in a file: what stands on a command line, everybody on the machine can read."""
    if text is None or _is_blank_variable(ctx, parameter, text):
        return None
    if text.startswith("@"):
        text = _file(text[1:])
    # Not repeated: it may be a real key with a slip in it.
    if not text.isascii() or not text.isprintable() or not text or " " in text:
        raise click.BadParameter("a key is made of visible ASCII characters, without spaces.")
    return text


def _is_blank_variable(ctx: click.Context, parameter: click.Parameter, text: str) -> bool:
    given = ctx.get_parameter_source(parameter.name or "")
    return given is click.core.ParameterSource.ENVIRONMENT and not text.strip()


def _file(name: str) -> str:
    """The key that a file holds, alone; a pipe is as good as a file."""
    try:
        with open(name, "rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise click.BadParameter(f"{name} cannot be read: {error.strerror}.") from error
    if len(content) > _MOST_BYTES:
        raise click.BadParameter(f"{name} holds more than a key.")
    return content.decode("utf-8-sig", "replace").strip()


def _url(ctx: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    if text is None:
        return None
    if "@" in text:
        # Not repeated: what stands before it is a secret.
        raise click.BadParameter("the URL must hold no user name and no password; --upstream-key is for a key.")
    try:
        found = urlsplit(text)
        fits = found.scheme in ("http", "https") and bool(found.hostname)
    except ValueError:
        fits = False
    if not fits:
        raise click.BadParameter(f"a URL is like http://127.0.0.1:8000, not {text!r}.")
    return text


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=PORT,
    show_default=True,
    metavar="N",
    help="Port; 0 takes any free one.",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="A further name that this host goes by; requests under other names are refused. May be repeated.",
)
@click.option("--env-file", type=_FILE, metavar="FILE", help="Write the TENSORMESH_* variables here while it runs.")
@click.option("--show-secrets", is_flag=True, help="Print those variables, keys included.")
@click.option(
    "--inference-api-key",
    callback=_secret,
    metavar="KEY|@FILE",
    envvar="TENSORMESH_LOCAL_INFERENCE_API_KEY",
    show_envvar=True,
    help=f"Key to accept, or {_UNSEEN} [default: a random one]",
)
@click.option(
    "--control-plane-token",
    callback=_secret,
    metavar="TOKEN|@FILE",
    envvar="TENSORMESH_LOCAL_CONTROL_PLANE_TOKEN",
    show_envvar=True,
    help=f"Token to accept, or {_UNSEEN} [default: a random one]",
)
@click.option("--user-id", type=click.UUID, metavar="UUID", help="User to know. [default: a random one]")
@click.option(
    "--role",
    type=click.Choice(("user", "admin", "super-admin")),
    help="What that user may do on the control plane. [default: user, or what --state says]",
)
@click.option("--state", type=_FILE, metavar="FILE", help="Keep the account in this file. [default: in memory]")
@click.option(
    "--deploy-seconds",
    type=click.FloatRange(0, 86_400),
    callback=_finite,
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="Time until a new deployment is up.",
)
@click.option(
    "--reasoning-field",
    type=click.Choice(("reasoning", "reasoning_content")),
    default="reasoning",
    show_default=True,
    help="Name under which reasoning is sent.",
)
@click.option("--leak-think", is_flag=True, help="Write reasoning into the content instead.")
@click.option("--allow-json-schema", is_flag=True, help="Accept response_format of type json_schema.")
@click.option("--context-tokens", type=click.IntRange(1, 2**31), metavar="N", help="One context length for all models.")
@click.option(
    "--pace",
    "pace_seconds",
    type=click.FloatRange(0, 60),
    callback=_finite,
    default=0.0,
    metavar="SECONDS",
    help="Pause between two pieces of a stream. [default: none]",
)
@click.option("--upstream", callback=_url, metavar="URL", help="Let an OpenAI-compatible engine answer.")
@click.option(
    "--upstream-key",
    callback=_secret,
    metavar="KEY|@FILE",
    envvar="TENSORMESH_LOCAL_UPSTREAM_KEY",
    show_envvar=True,
    help=f"Key for that engine, or {_UNSEEN} A key that stands here, other users can see.",
)
def local(env_file: Path | None, show_secrets: bool, user_id: UUID | None, **options: Any) -> None:
    """
    Start a Tensormesh of your own on 127.0.0.1, until Ctrl-C.

    Both inference surfaces and the control plane, for trying the SDK and for tests. It needs no account and no
    weights. A page at its address shows in a browser what is sent, and what of each prompt comes from the cache.

    While it runs, faults are scripted over HTTP: POST, with the control-plane token, an object such as
    {"status": 429, "headers": {"Retry-After": "1"}} to /_local/faults; one that is not understood is told the keys
    there are. GET /_local/requests lists what was asked so far.
    """
    try:
        from tensormesh_local import Options, StartError
        from tensormesh_local.foreground import run
    except ModuleNotFoundError as missing:
        raise click.ClickException(str(missing)) from missing
    try:
        given = Options(user_id=None if user_id is None else str(user_id), **options)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--allow-host") from error
    try:
        run(given, env_file, show_secrets=show_secrets)
    except StartError as error:
        raise click.ClickException(str(error)) from error
