"""`tm api`: any route, and no credential to anybody else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tensormesh_cli.settings.homes import below
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm

MODEL = "openai/gpt-oss-20b"
HELLO = '{"messages": [{"role": "user", "content": "Hello"}]}'


def error_of(tm: Tm, *words: str) -> dict[str, Any]:
    outcome = tm("--error-format", "json", "api", *words)
    assert outcome.code != 0
    return outcome.error


def test_a_route_is_called_with_the_login(tm: Tm, host: LocalHost) -> None:
    outcome = tm("api", "GET", "/v1/billing/balance")

    assert outcome.json["balance"]["currencyCode"] == "USD"
    assert outcome.stdout == tm("billing", "balance", "-o", "json").stdout
    assert tm("api", "v1/billing/balance").stdout == outcome.stdout
    assert tm("api", "get", "/v1/billing/balance", "--query", "balance.currencyCode").stdout == "USD\n"


@cases("form", ["table", "csv", "yaml", "jsonl", "raw"])
def test_an_answer_has_every_form(tm: Tm, form: str) -> None:
    assert "prd-h200-1x" in tm("api", "/v1/products", "-o", form).stdout


def test_a_path_of_inference_is_asked_of_serverless_with_its_key(tm: Tm) -> None:
    answer = tm.ok("api", "POST", "/v1/chat/completions", "-F", f"model={MODEL}", "-F", "n=2", "--json", HELLO)

    assert len(answer["choices"]) == 2
    assert tm.ok("api", "/v1/models", "--surface", "on-demand")["data"]


def test_a_stream_is_printed_as_it_comes(tm: Tm) -> None:
    asked = ["api", "POST", "/v1/chat/completions", "-F", f"model={MODEL}", "-F", "stream=true", "--json", HELLO]
    lines = tm(*asked).stdout.splitlines()

    assert lines[-1] == "data: [DONE]" or lines[-2] == "data: [DONE]"
    assert all(json.loads(line) for line in tm(*asked, "-o", "jsonl").stdout.splitlines())


@pytest.mark.parametrize("way", ["json", "at", "file", "pipe"])
def test_a_body_comes_from_wherever_it_is(tm: Tm, tmp_path: Path, host: LocalHost, way: str) -> None:
    body = json.dumps({"subject": "Hi", "message": "There"})
    (tmp_path / "body").write_text(body)
    options = {"json": ["--json", body], "at": ["--json", f"@{tmp_path}/body"], "file": ["--file", f"{tmp_path}/body"]}

    outcome = tm("api", "POST", "/v1/support/tickets", *options.get(way, []), input=body if way == "pipe" else None)

    assert outcome.json["ticket"]["subject"] == "Hi"


def test_fields_are_numbers_truths_and_texts(tm: Tm, tmp_path: Path, host: LocalHost) -> None:
    (tmp_path / "text").write_text("from a file")
    typed = ["a.b=1", "a.c=true", "d=null", "e=1.5", "f=NaN", "g={}", f"h=@{tmp_path}/text"]
    fields = [word for text in typed for word in ("-F", text)]

    tm("api", "POST", "/v1/none", *fields, "-f", "i=1", "-f", "j=x=y", "--json", '{"a": {"z": 0}}')

    assert host.requests[-1].body == {
        "a": {"z": 0, "b": 1, "c": True},
        "d": None,
        "e": 1.5,
        "f": "NaN",
        "g": "{}",
        "h": "from a file",
        "i": "1",
        "j": "x=y",
    }


def test_fields_of_a_reading_call_are_its_query(tm: Tm, host: LocalHost) -> None:
    assert len(tm.ok("api", "GET", "/v1/activities", "-F", "size=2")["activities"]) == 2
    assert host.requests[-1].query == "size=2"
    assert tm("api", "DELETE", "/v1/users/api-keys", "-f", "apiKey=none").code != 0
    assert host.requests[-1].query == "apiKey=none"


def test_headers_are_sent_and_shown(tm: Tm, host: LocalHost) -> None:
    outcome = tm("api", "/v1/products", "-H", "X-Odd: yes", "--include")
    head, _, body = outcome.stdout.partition("\n\n")

    assert head.startswith("HTTP 200\n")
    assert "content-type: application/json" in head
    assert json.loads(body)["products"]
    assert host.requests[-1].headers["x-odd"] == "yes"


@cases(
    "path",
    [
        "https://evil.example/v1/models",
        "http://evil.example/v1/models",
        "//evil.example/v1/models",
        "\\\\evil.example/v1/models",
        "{base}.evil.example/v1/models",
        "{base}x/v1/models",
        "https://evil.example/?{base}/v1/models",
        "{user}/v1/models",
        "{base}/../serverless/v1/models",
        "/v1/../../serverless/v1/models",
        "/v1/%2e%2E/models",
        "{base}/%2e%2e/x",
        "http://[::1/v1",
        "HTTP://evil.example:{port}/v1/models",
    ],
)
def test_credentials_go_to_no_other_host(tm: Tm, host: LocalHost, path: str) -> None:
    base = host.control_plane_base_url
    text = path.format(base=base, port=host.port, user=base.replace("://", "://somebody:s3cret@"))

    error = error_of(tm, "GET", text)

    assert error["kind"] == "usage"
    assert "nothing was sent" in error["message"]
    assert "s3cret" not in str(error)
    assert not host.requests


@cases(
    "header",
    ["Host: evil.example", "host : evil.example", "Connection: upgrade", "no colon", "a b: c", "A: x\r\nHost: y"],
)
def test_a_header_that_leads_elsewhere_is_refused(tm: Tm, host: LocalHost, header: str) -> None:
    assert tm("api", "/v1/products", "-H", header).code in (1, 2)
    assert not host.requests


def test_a_whole_url_below_a_base_is_a_path(tm: Tm, host: LocalHost) -> None:
    assert tm.ok("api", "GET", f"{host.control_plane_base_url}/v1/products?x=1")["products"]
    assert tm.ok("api", "GET", f"{host.serverless_base_url}/v1/models")["data"]
    assert error_of(tm, "GET", f"{host.serverless_base_url}/v1/models", "--surface", "control-plane")["kind"] == "usage"


@cases(
    ("base", "url", "path"),
    [
        ("https://api.tensormesh.ai", "https://API.tensormesh.ai:443/v1/x?y=1", "/v1/x?y=1"),
        ("https://a.example/v1", "https://a.example/v1/models", "/v1/models"),
        ("https://a.example", "http://a.example/v1", None),
        ("https://a.example", "https://a.example", None),
        ("https://a.example/b", "https://a.example/bc", None),
        ("https://a.example", "https://me@a.example/v1", None),
    ],
)
def test_what_is_below_a_base(base: str, url: str, path: str | None) -> None:
    assert below(base, url) == path


def test_an_error_shows_the_answer_and_ends_as_everywhere(tm: Tm) -> None:
    outcome = tm("--error-format", "json", "api", "GET", "/v1/support/tickets/none", "--query", "ticket")

    assert outcome.code == 4
    assert "does not exist" in outcome.json["message"]
    assert outcome.error["status"] == 404


def test_a_text_is_an_answer_too(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"status": 200, "body": "up 1\n", "headers": {"Content-Type": "text/plain"}})

    outcome = tm("api", "/metrics")

    assert (outcome.code, outcome.stdout.strip('"\n')) == (0, "up 1")


def test_keys_are_masked_unless_wanted(tm: Tm) -> None:
    masked = tm("api", "/v1/users/api-keys")

    assert "..." in masked.json["apiKeys"][0]["id"]
    assert masked.stderr == "Keys are masked; --show-secrets shows them.\n"
    assert "..." in tm("api", "/v1/users/api-keys", "-o", "raw").stdout
    assert len(tm.ok("api", "/v1/users/api-keys", "--show-secrets")["apiKeys"][0]["id"]) > 20


@cases("words", [["GET"], ["G T", "/x"], ["GET", "/x", "-F", "x"], ["GET", "/x", "--user-id", "u"]])
def test_what_cannot_be_meant_is_a_usage_error(tm: Tm, host: LocalHost, words: list[str]) -> None:
    assert error_of(tm, *words)["kind"] == "usage"
    assert not host.requests
