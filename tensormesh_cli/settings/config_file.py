"""config.toml: read, begun, and changed without losing a comment. Text in, text out; `private_files` does the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensormesh_cli.errors import CliError

NAME = "config.toml"

TEMPLATE = """\
# Settings of tm. A flag or an environment variable wins over what stands here.
# `tm config show --sources` tells what applies, and why.

# controlplane_base = "https://api.tensormesh.ai"
# serverless_base = "https://serverless.tensormesh.ai"
# serverless_model = "openai/gpt-oss-20b"  # what `tm infer` asks when --model is not given
# timeout_seconds = 30.0
# max_retries = 0
# ca_bundle = "/path/to/ca.pem"

[overrides]
# These win over what `tm init --sync` found.
# gateway_provider = "nebius"
# gateway_base = "https://external.nebius.tensormesh.ai"
# gateway_api_key = "..."
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
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text or "")
        for key, value in (top or {}).items():
            document[key] = value
        table = tomlkit.table()
        table.update(managed)
        if "managed" not in document:
            document.add(tomlkit.ws(HEADING if document.as_string().strip() else HEADING.lstrip()))
        document["managed"] = table
        return tomlkit.dumps(document)
    except (TOMLKitError, ValueError) as error:
        raise CliError("config", f"{NAME} cannot be changed: {error}") from error
