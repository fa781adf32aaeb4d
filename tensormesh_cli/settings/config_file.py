"""config.toml: read, begun, and changed without losing a comment. Text in, text out; `private_files` does the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tensormesh_cli.errors import CliError
from tensormesh_cli.settings.homes import ON_DEMAND, SERVERLESS, SERVICE

NAME = "config.toml"

TEMPLATE = f"""\
# Settings of tm. A flag or an environment variable wins over what stands here.
# `tm config show --sources` tells what applies, and why.

# controlplane_base = "{SERVICE}"
# serverless_base = "{SERVERLESS}"
# serverless_model = "openai/gpt-oss-20b"  # what `tm infer` asks when --model is not given
# serverless_api_key = "..."  # an API key; gateway_api_key stands in for it
# timeout_seconds = 600.0  # for any answer; else it is 30, and 600 for one that a model writes
# max_retries = 0
# max_response_bytes = 268435456  # how long an answer may be, decompressed
# ca_bundle = "/path/to/ca.pem"

[overrides]
# These win over what `tm init --sync` found.
# gateway_provider = "{ON_DEMAND.variables.get("provider")}"
# gateway_base = "{ON_DEMAND.base_url}"
# gateway_api_key = "..."  # the key of a deployment, or an API key; serverless_api_key stands in for it
# gateway_user_id = "00000000-0000-0000-0000-000000000000"
# gateway_model_id = "..."  # the served gateway model name
"""

HEADING = "\n# Written by `tm init --sync`.\n"


def parse(text: str | None, path: Path) -> dict[str, Any]:
    """
    The settings of a file; none where there is no file.

    Raises:
        CliError: it is not TOML.
    """
    if text is None:
        return {}
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CliError(
            "config",
            f"{path} is not TOML: {error}",
            "fix that place, or begin again with `tm config init --force`, which keeps the old file beside it",
        ) from error


def begun(managed: Mapping[str, Any]) -> str:
    """A new file: the commented template, and the values that `tm init --sync` had found."""
    return TEMPLATE if not managed else synced(TEMPLATE, managed)


def synced(text: str | None, managed: Mapping[str, Any], top: Mapping[str, Any] | None = None) -> str:
    """
    The file with the table [managed] replaced, all else as it was, comments included.

    Args:
        top: settings outside of any table to change beside it.

    Raises:
        CliError: the file cannot hold the table, because something else has its name.
    """
    import tomlkit

    with _changing(text) as document:
        for key, value in (top or {}).items():
            document[key] = value
        table = tomlkit.table()
        table.update(managed)
        _put_managed(document, table)
        return tomlkit.dumps(document)


def found(text: str | None, fresh: Mapping[str, Any]) -> str:
    """
    The file with what was found just now in the table [managed], beside what was found before.

    Raises:
        CliError: the file cannot hold the table, because something else has its name.
    """
    import tomlkit

    with _changing(text) as document:
        table = document.get("managed")
        if table is None:
            _put_managed(document, table := tomlkit.table())
        table.update(fresh)
        return tomlkit.dumps(document)


def changed(text: str | None, name: str, value: Any, *, table: str | None) -> str:
    """
    The file with one setting changed or added.

    Args:
        table: where it stands; None is outside of any.

    Raises:
        CliError: the file cannot hold it.
    """
    import tomlkit

    # What comes first keeps away from the heading of what was found, which would be taken for a part of it.
    before, heading, rest = (text or "").partition(HEADING)
    with _changing(rest) as after:
        if table is not None and table in after:
            before, heading, rest = text or "", "", ""
    with _changing(before) as document:
        if table is not None and table not in document:
            document[table] = tomlkit.table()
        (document if table is None else document[table])[name] = value
        return tomlkit.dumps(document) + heading + rest


def without(text: str | None, names: Collection[str], *, table: str | None) -> str:
    """
    The file without some settings.

    Args:
        table: where they stand; None is outside of any.

    Raises:
        CliError: the file cannot be changed.
    """
    import tomlkit

    with _changing(text) as document:
        place = document if table is None else document[table]
        for name in names:
            place.pop(name, None)
        return tomlkit.dumps(document)


def _put_managed(document: Any, table: Any) -> None:
    import tomlkit

    if "managed" not in document:
        document.add(tomlkit.ws(HEADING if document.as_string().strip() else HEADING.lstrip()))
    document["managed"] = table


@contextmanager
def _changing(text: str | None) -> Iterator[Any]:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        yield tomlkit.parse(text or "")
    except (TOMLKitError, ValueError, TypeError, AttributeError) as error:
        raise CliError("config", f"{NAME} cannot be changed: {error}") from error
