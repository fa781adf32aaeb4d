"""A mark of the order of bytes, as programs of Windows write it, is no part of a text, wherever that comes from."""

from __future__ import annotations

import codecs
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm
from tests.cli.processes import TM, environment

MARKED = [
    pytest.param(codecs.BOM_UTF8, "utf-8", id="UTF-8"),
    pytest.param(codecs.BOM_UTF16_LE, "utf-16-le", id="UTF-16, little end first"),
    pytest.param(codecs.BOM_UTF16_BE, "utf-16-be", id="UTF-16, big end first"),
    pytest.param(codecs.BOM_UTF32_LE, "utf-32-le", id="UTF-32, little end first"),
    pytest.param(codecs.BOM_UTF32_BE, "utf-32-be", id="UTF-32, big end first"),
]
TICKET = {"subject": "Grüße", "message": "日本\n\ufeff"}
ASKED = {"role": "user", "content": "Say hello to Jürgen"}
MODEL = "openai/gpt-oss-20b"


def last_body(host: LocalHost) -> Any:
    return host.requests[-1].body


def question(mark: bytes, encoding: str) -> bytes:
    return mark + "Say hello to Jürgen\r\n".encode(encoding)


def ticket(mark: bytes, encoding: str) -> bytes:
    return mark + json.dumps(TICKET, ensure_ascii=False).encode(encoding)


@cases(("mark", "encoding"), MARKED)
@cases("language", ["utf-8", "latin-1", "ascii"])
def test_of_a_text_on_standard_input(tm: Tm, host: LocalHost, mark: bytes, encoding: str, language: str) -> None:
    """Whatever the language of the machine."""
    tm.encoding = language

    done = tm("infer", "chat", "-", "--model", MODEL, input=question(mark, encoding))

    assert done.code == 0, done.stderr
    assert last_body(host)["messages"] == [ASKED]


@pytest.mark.parametrize(("mark", "encoding"), MARKED)
@pytest.mark.parametrize("arguments", [[], ["--file", "-"], ["--file", "{file}"], ["--json", "@{file}"]])
def test_of_a_body(tm: Tm, host: LocalHost, tmp_path: Path, mark: bytes, encoding: str, arguments: list[str]) -> None:
    file = tmp_path / "body.json"
    file.write_bytes(ticket(mark, encoding))

    done = tm("tickets", "create", *(word.format(file=file) for word in arguments), input=ticket(mark, encoding))

    assert done.code == 0, done.stderr
    assert last_body(host) == TICKET


@pytest.mark.parametrize(
    ("arguments", "content", "expected"),
    [
        (["infer", "chat", "-", "--model", MODEL], question(codecs.BOM_UTF16_LE, "utf-16-le"), {"messages": [ASKED]}),
        (["tickets", "create"], ticket(codecs.BOM_UTF32_BE, "utf-32-be"), TICKET),
    ],
    ids=["text", "body"],
)
def test_of_what_comes_through_a_pipe(
    tm: Tm, host: LocalHost, arguments: list[str], content: bytes, expected: dict[str, Any]
) -> None:
    variables = environment(tm) | {"PYTHONIOENCODING": "ascii"}

    done = subprocess.run([*TM, *arguments], env=variables, input=content, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
    assert last_body(host).items() >= expected.items()


@pytest.mark.parametrize(("mark", "encoding"), MARKED)
def test_of_an_option_that_is_json(tm: Tm, host: LocalHost, tmp_path: Path, mark: bytes, encoding: str) -> None:
    file = tmp_path / "infra.json"
    file.write_bytes(mark + '{"region": "ü"}'.encode(encoding))

    tm("models", "deploy", "--yes", "--infra-json", f"@{file}")

    assert last_body(host)["infra"] == {"region": "ü"}


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_alone_it_is_nothing(tm: Tm, mark: bytes) -> None:
    assert "There is nothing on standard input to ask." in tm("infer", "chat", "-", input=mark).stderr
    assert "There is nothing to send" in tm("infer", "chat", input=mark).stderr


@pytest.mark.parametrize("content", [codecs.BOM_UTF8 + b"caf\xe9", codecs.BOM_UTF16_LE + b"a", b"caf\xe9"])
def test_what_is_no_text_in_spite_of_it_is_told(tm: Tm, content: bytes) -> None:
    done = tm("infer", "chat", "-", input=content)

    assert (done.code, done.stdout) == (1, "")
    assert done.stderr == "Error: standard input cannot be read: it is not UTF-8 text\n"
