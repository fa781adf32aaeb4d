"""What a real vLLM answered, this host answers in the same shape: keys, types, and which are null."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tests.plain_http import NO_TLS

FOLDER = Path(__file__).resolve().parents[1] / "transcripts"
MODEL = "openai/gpt-oss-20b"

# Where the shapes differ, and why that is left so. A line that is no longer true makes a test fail.
DIFFERENT_SHAPE = {
    "chat_unknown_role": "the template of the recorded engine leaves such a message out; others refuse it",
    "chat_no_model": "the documents require `model`; an engine with one model does without",
    "get_health": "the documents promise JSON, which a gateway sends; the engine's own answer is empty",
    "get_models": "`permission` means nothing and has not been seen on Tensormesh",
    "tools_auto_stream": "the blank line between thought and call is sent as content, but only in streams",
    "tools_parallel_stream": "the same blank line",
    "resp_tools_parallel_stream": "the same blank line, as a message of its own",
}
# Where an error says the same in other words.
DIFFERENT_WORDS = {
    "err_chat_bad_json": "the place of the mistake: the name of the model is longer here",
    "err_chat_unknown_model": "the names of the models there are",
    "err_comp_unknown_model": "the names of the models there are",
    "err_resp_bad_item": "the engine lists every field of every kind of item",
    "err_resp_bad_tool": "the engine lists every field of every kind of tool",
    "chat_bad_schema": "the engine adds the time and a line number of its grammar compiler",
}
# A stop text has to occur in the answer, and the answers have other words.
STOPS = {"chat_stop_include": "local", "comp_stop": "goes"}


@dataclass(frozen=True)
class Exchange:
    """One recorded request and its answer."""

    name: str
    method: str
    path: str
    headers: dict[str, str]
    body: str | None
    status: int
    kind: str | None
    text: str

    def __str__(self) -> str:
        return self.name

    def asked_of(self, client: httpx.Client) -> httpx.Response:
        """Ask the same of another host."""
        body = self.body
        if body is not None:
            body = body.replace('"tiny"', json.dumps(MODEL), 1)
            if self.name in STOPS:
                body = json.dumps({**json.loads(body), "stop": STOPS[self.name]})
        return client.request(self.method, self.path, content=body, headers=self.headers)


def _read(file: Path) -> Exchange:
    request, _, answer = file.read_text(encoding="utf-8").partition("\n")
    head, _, text = answer.partition("\n\n")
    command, _, note = request.partition("   # ")
    words = shlex.split(command)
    after = dict(pairwise(words))
    kind = re.search(r"(?im)^content-type: (.+)$", head)
    body = None if "stdin" in note else after.get("--data-binary")
    return Exchange(
        file.stem,
        after["-X"],
        "/" + next(word for word in words if word.startswith("http://")).split("/", 3)[3],
        {"Content-Type": "application/json"} if body is not None else {},
        body,
        int(head.split(" ")[1]),
        kind[1] if kind else None,
        text,
    )


EXCHANGES = [
    exchange
    for folder in ("vllm-0.32.0", "vllm-0.32.0-guided")
    for exchange in map(_read, sorted((FOLDER / folder).glob("*.txt")))
    # Two bodies were too long to keep; `test_validation` asks for more than the context holds.
    if exchange.method == "GET" or exchange.body is not None
]


@pytest.fixture(scope="module")
def like_the_engine() -> Iterator[httpx.Client]:
    """A client of a host that takes what the recorded engine took."""
    with LocalHost(Options(context_tokens=2048, allow_json_schema=True)) as host:
        headers = {"Authorization": f"Bearer {host.inference_api_key}"}
        with httpx.Client(base_url=host.serverless_base_url, headers=headers, trust_env=False, verify=NO_TLS) as client:
            yield client


def _shape(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        if key == "top_logprobs" and "token" not in value:
            # Its keys are tokens.
            return sorted({type(item).__name__ for item in value.values()})
        return {name: _shape(item, name) for name, item in value.items()}
    if isinstance(value, list):
        shapes = [_shape(item, key) for item in value]
        return ("list of", [shape for i, shape in enumerate(shapes) if shape not in shapes[:i]])
    return type(value).__name__


def _events(text: str) -> list[Any]:
    """The distinct shapes of the events of a stream, in the order in which they first appear."""
    found: list[Any] = []
    for block in text.strip("\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        data = fields["data"]
        shape = (fields.get("event"), data if data == "[DONE]" else _shape(json.loads(data)))
        if shape not in found:
            found.append(shape)
    return found


def _seen(status: int, kind: str | None, text: str) -> Any:
    if kind == "application/json":
        return status, kind, _shape(json.loads(text))
    if kind is not None and kind.startswith("text/event-stream"):
        return status, kind, _events(text)
    return status, kind, text


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_an_answer_has_the_shape_of_the_engine(like_the_engine: httpx.Client, exchange: Exchange) -> None:
    answer = exchange.asked_of(like_the_engine)
    ours = _seen(answer.status_code, answer.headers.get("content-type"), answer.text)
    theirs = _seen(exchange.status, exchange.kind, exchange.text)

    if exchange.name in DIFFERENT_SHAPE:
        assert ours != theirs
    else:
        assert ours == theirs


@pytest.mark.parametrize("exchange", [one for one in EXCHANGES if one.status >= 400], ids=str)
def test_an_error_has_the_words_of_the_engine(like_the_engine: httpx.Client, exchange: Exchange) -> None:
    ours, theirs = exchange.asked_of(like_the_engine).json(), json.loads(exchange.text)

    if exchange.name in DIFFERENT_WORDS:
        assert ours != theirs
        assert [ours["error"][key] for key in ("type", "code")] == [theirs["error"][key] for key in ("type", "code")]
    else:
        assert ours == theirs


@pytest.mark.parametrize(
    "exchange", [*map(_read, sorted((FOLDER / "vllm-0.32.0-key").glob("*_post_v1_*.txt")))], ids=str
)
def test_a_wrong_key_is_refused_as_the_engine_refuses_it(host: LocalHost, exchange: Exchange) -> None:
    with httpx.Client(base_url=host.serverless_base_url, trust_env=False, verify=NO_TLS) as anonymous:
        answer = exchange.asked_of(anonymous)

    assert (answer.status_code, answer.json()) == (exchange.status, json.loads(exchange.text))


def test_every_stated_difference_is_about_a_recorded_answer() -> None:
    names = {exchange.name for exchange in EXCHANGES}

    assert names >= DIFFERENT_SHAPE.keys() | DIFFERENT_WORDS.keys() | STOPS.keys()
