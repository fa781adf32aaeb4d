"""What stands in config.toml and auth.json may be anything: `tm` reads it, or says what is wrong with it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tensormesh_cli.errors import CliError
from tensormesh_cli.login import tokens
from tensormesh_cli.settings import config_file, definitions, precedence
from tensormesh_cli.settings.private_files import read
from tests.fuzz.spoiling import any_json, scribbled

CONFIG = b"""# mine
controlplane_base = "https://api.tensormesh.ai"
timeout_seconds = 30.0
max_retries = 2

[overrides]
gateway_provider = "nebius"
gateway_user_id = "00000000-0000-0000-0000-000000000000"

[managed]
gateway_api_key = "k"
"""
TOKENS = b'{"access_token": "a", "refresh_token": "b", "expires_at": "2026-11-21T10:00:00Z", "controlplane_base": "h"}'
PIECES = (b'"', b"'''", b"[", b"]]", b"=", b"\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b"1e999", b"nan", b"[overrides]\n")
KEYS = [setting.name for setting in definitions.SETTINGS]
AUTH_KEYS = ["access_token", "refresh_token", "expires_at", "expires_in", "controlplane_base"]


@given(scribbled(CONFIG, PIECES) | st.binary(max_size=80))
def test_any_config_file_is_read_or_refused(tmp_path_factory: Any, content: bytes) -> None:
    path = Path(tmp_path_factory.getbasetemp()) / "config.toml"
    path.write_bytes(content)

    with contextlib.suppress(CliError):
        text = read(path)
        precedence.resolve({}, {}, config_file.parse(text, path))
        assert "gateway_model_id" in config_file.synced(text, {"gateway_model_id": "m"})


@given(st.dictionaries(st.sampled_from([*KEYS, "overrides", "managed"]), any_json(KEYS), max_size=6))
def test_any_settings_are_taken_or_refused(document: dict[str, Any]) -> None:
    with contextlib.suppress(CliError):
        precedence.resolve({}, {}, document)


@given(
    scribbled(TOKENS, PIECES)
    | st.dictionaries(st.sampled_from(AUTH_KEYS), any_json(AUTH_KEYS, leaves=3)).map(
        lambda one: json.dumps(one).encode()
    )
)
def test_any_token_file_is_read_or_refused(tmp_path_factory: Any, content: bytes) -> None:
    path = Path(tmp_path_factory.getbasetemp()) / "auth.json"
    path.write_bytes(content)

    with contextlib.suppress(CliError):
        found = read(path)
        assert found is not None
        assert tokens.parse(found, path).access_token
