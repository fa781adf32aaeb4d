"""
The programs and shell lines that LiteLLM's page on Tensormesh shows, as they stand there.

Filled in is what a reader fills in: the name of a model, and where the proxy and Tensormesh are. All else, such as the
base URL that the provider uses, is told by environment variables.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tensormesh_local import LocalHost
from tests.interplay.conftest import KEY, MASTER_KEY, MODEL, PROGRAMS, Proxy
from tests.interplay.installed import needs

needs("litellm")

PRINTED = {
    "chat": r"hello in one sentence\.",
    "streaming": r"(ModelResponseStream\(id='chatcmpl-.*\)\n?)+",
    "tools": r"\[.*\bFunction\(arguments='\{\"city\": \"San Francisco\"\}', name='get_weather'\).*\]",
    "reasoning": r"The user says: “If a train .* it holds\.\s+You wrote: “If a train .*",
    "text_completion": r"This is where .*",
    "responses": r"id='resp_.*text='hello in one sentence\.'.*status='completed'.*",
}
"""Program -> what it prints, white space aside."""

PATHS = {"text_completion": "/serverless/v1/completions", "responses": "/serverless/v1/responses"}
THOUGHTLESS = "Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8"
CHAT = "/serverless/v1/chat/completions"


def filled(name: str, place: Path, **known: str) -> Path:
    """A copy of a program, with what a reader fills in."""
    text = (PROGRAMS / name).read_text(encoding="utf-8")
    for blank, value in {"<your-model-name>": MODEL, **known}.items():
        text = text.replace(blank, value)
    copy = place / name
    copy.write_text(text, encoding="utf-8")
    return copy


def shell(file: Path) -> Any:
    """The JSON that shell lines print."""
    done = subprocess.run(
        ["bash", "-e", str(file)],
        env={**os.environ, "LITELLM_MASTER_KEY": MASTER_KEY},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", PRINTED)
def test_a_program_runs_and_prints_what_it_should(
    name: str, host: LocalHost, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    runpy.run_path(str(filled(f"{name}.py", tmp_path)), run_name="__main__")

    assert os.environ["TENSORMESH_INFERENCE_API_KEY"] == KEY
    assert re.fullmatch(PRINTED[name], printed := capsys.readouterr().out.strip(), re.DOTALL), printed
    assert [(request.path, request.status) for request in host.requests] == [(PATHS.get(name, CHAT), 200)]


def test_the_facade_for_anthropic_messages_answers_with_text(
    host: LocalHost, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The program takes the first block for the text: it is, with a model that does not reason."""
    program = filled("anthropic_messages.py", tmp_path, **{MODEL: THOUGHTLESS})

    runpy.run_path(str(program), run_name="__main__")

    assert capsys.readouterr().out.strip() == "hello in one sentence."
    assert [request.path for request in host.requests] == [CHAT]


def test_the_facade_puts_a_thought_before_the_text(host: LocalHost, tmp_path: Path) -> None:
    """So the same program ends in a KeyError with a model that does reason: LiteLLM's page shows the first block."""
    program = filled("anthropic_messages.py", tmp_path)

    with pytest.raises(KeyError, match="text"):
        runpy.run_path(str(program), run_name="__main__")

    assert [request.status for request in host.requests] == [200]


def test_the_openai_sdk_speaks_to_the_proxy(
    proxy: Proxy, host: LocalHost, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    program = filled("proxy_openai.py", tmp_path, **{"http://localhost:4000": proxy.url})

    runpy.run_path(str(program), run_name="__main__")

    assert "hello from litellm" in capsys.readouterr().out
    assert [request.path for request in host.requests] == [CHAT]


def test_curl_speaks_to_the_proxy(proxy: Proxy, tmp_path: Path) -> None:
    answer = shell(filled("proxy_chat.sh", tmp_path, **{"http://localhost:4000": proxy.url}))

    assert "hello from litellm" in answer["choices"][0]["message"]["content"]


def test_curl_sends_anthropic_messages_to_the_proxy(proxy: Proxy, host: LocalHost, tmp_path: Path) -> None:
    answer = shell(filled("proxy_messages.sh", tmp_path, **{"http://localhost:4000": proxy.url}))

    assert [block["text"].strip() for block in answer["content"] if block["type"] == "text"] == [
        "hello in one sentence."
    ]
    assert [request.path for request in host.requests] == [CHAT]


def test_curl_lists_the_models_without_a_key(host: LocalHost, tmp_path: Path) -> None:
    address = {"https://serverless.tensormesh.ai": host.serverless_base_url}

    answer = shell(filled("models.sh", tmp_path, **address))

    assert MODEL in [model["id"] for model in answer["data"]]


def test_every_program_is_run() -> None:
    with_tests_of_their_own = {"anthropic_messages.py", "proxy_openai.py", "config.yaml", "proxy_start.sh"}
    curls = {"proxy_chat.sh", "proxy_messages.sh", "models.sh"}
    programs = {f"{name}.py" for name in PRINTED}

    assert {file.name for file in PROGRAMS.iterdir() if file.is_file()} == programs | with_tests_of_their_own | curls
