"""A password that somebody has put into an address is never shown."""

from __future__ import annotations

import json

from tensormesh_cli.output.secrets import address
from tests.cases import cases
from tests.cli.conftest import Tm

ADDRESSES = [
    "https://me:s3cret@host.example",
    "https://s3cret@host.example/path",
    "https://me:s3cret/with@signs?and#more@host.example",
    "https://host.example/?key=s3cret",
    "https://host.example/#s3cret",
    "HTTPS://me:s3cret@host.example",
    "me:s3cret@host.example",
    "https:me:s3cret@host.example",
    "socks5+h://me:s3cret@[::1]:9",
]
COMMANDS = [
    ["config", "show"],
    ["config", "show", "--sources"],
    ["config", "show", "--output", "raw"],
    ["doctor"],
    ["doctor", "--output", "table"],
    ["infer", "doctor"],
    ["infer", "doctor", "--surface", "on-demand"],
    ["auth", "status"],
    ["auth", "status", "--output", "json"],
    ["auth", "whoami"],
    ["auth", "refresh"],
    ["auth", "login", "--max-wait-seconds", "0"],
    ["init"],
    ["init", "--sync"],
    ["billing", "balance", "--debug"],
    ["infer", "chat", "Hello", "--model", "m"],
    ["infer", "models", "--surface", "on-demand"],
    ["contract", "--gentle"],
]
BASES = ("TENSORMESH_CONTROL_PLANE_BASE_URL", "TENSORMESH_SERVERLESS_BASE_URL", "TENSORMESH_ON_DEMAND_BASE_URL")


@cases("command", COMMANDS)
@cases("url", ADDRESSES)
def test_no_command_shows_a_password_of_an_address(offline: Tm, command: list[str], url: str) -> None:
    offline.env |= dict.fromkeys(BASES, url) | {"TENSORMESH_INFERENCE_API_KEY": "k"}
    seen = ""
    for login in ("https://cp.example", url):
        offline.home.mkdir(exist_ok=True)
        (offline.home / "auth.json").write_text(
            json.dumps({"access_token": "a", "refresh_token": "r", "controlplane_base": login})
        )
        outcome = offline(*command)
        seen += outcome.stdout + outcome.stderr

    assert "s3cret" not in seen
    assert seen


@cases(
    "text",
    [
        'controlplane_base = ["https://me:s3cret@host.example"]',
        '[overrides]\ngateway_provider = "https://me:s3cret@host.example"',
        "[overrides]\ngateway_api_key = ['s3cret']",
        '[overrides]\ngateway_base = "https://me:s3cret@host.example"\ngateway_api_key = "k"',
    ],
)
def test_no_setting_that_cannot_be_used_shows_one(offline: Tm, text: str) -> None:
    offline.home.mkdir()
    (offline.home / "config.toml").write_text(text)

    for command in COMMANDS:
        outcome = offline(*command)
        assert "s3cret" not in outcome.stdout + outcome.stderr, command


@cases(
    ("url", "shown"),
    [
        ("https://me:s3cret@host.example/v1", "https://***@host.example/v1"),
        ("me:s3cret@host.example", "***@host.example"),
        ("https://host.example/a?b=c", "https://host.example/a?***"),
        ("https://host.example:8443/a", "https://host.example:8443/a"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("", ""),
    ],
)
def test_all_else_of_an_address_is_shown(url: str, shown: str) -> None:
    assert address(url) == shown
