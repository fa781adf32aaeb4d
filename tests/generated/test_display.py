"""How models look at a prompt and in a notebook, and as JSON text."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from tensormesh_generated.models import (
    ApiKey,
    ChatCompletionResponse,
    CliTokens,
    InferenceModelList,
    ListTransactionsResponse,
    Money,
    User,
)
from tensormesh_runtime.errors import ValidationError
from tensormesh_runtime.open_object import OpenObject

ANSWER: dict[str, Any] = {
    "id": "chatcmpl-1",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Grüße", "refusal": None}}],
    "usage": None,
}


def completion(text: str, choices: int = 1) -> ChatCompletionResponse:
    message = {"role": "assistant", "content": text}
    return ChatCompletionResponse.from_dict({"id": "c", "choices": [{"index": 0, "message": message}] * choices})


class Printer:
    """What IPython hands to `_repr_pretty_`, as far as it is used."""

    def __init__(self) -> None:
        self.said = ""

    def group(self, indent: int, begin: str, end: str) -> Any:
        import contextlib

        @contextlib.contextmanager
        def around() -> Any:
            self.text(begin)
            yield
            self.text(end)

        return around()

    def text(self, text: str) -> None:
        self.said += text

    def breakable(self, text: str = " ") -> None:
        self.said += text

    def pretty(self, value: Any) -> None:
        if hasattr(value, "_repr_pretty_"):
            value._repr_pretty_(self, False)
        else:
            self.text(repr(value))


def test_an_answer_is_shown_in_one_short_line() -> None:
    """Without what is null, and with no more of a long text, or of a long list, than one wants to see."""
    assert "refusal" not in repr(ChatCompletionResponse.from_dict(ANSWER))
    assert "'Grüße'" in repr(ChatCompletionResponse.from_dict(ANSWER))
    assert len(repr(completion("word " * 5000))) < 500
    assert "... (25000 characters)" in repr(completion("word " * 5000))
    assert len(repr(completion("hi", choices=400))) < 1500
    assert "... 394 more" in repr(completion("hi", choices=400))


def test_the_repr_of_anything_nested_ends() -> None:
    inner: dict[str, Any] = {"a": 1}
    for _ in range(40):
        inner = {"inner": [inner, inner]}

    assert len(repr(OpenObject.from_dict(inner))) < 5000


def test_a_notebook_shows_the_same() -> None:
    printer = Printer()

    ChatCompletionResponse.from_dict(ANSWER)._repr_pretty_(printer, False)

    assert printer.said == repr(ChatCompletionResponse.from_dict(ANSWER))
    model: Any = ChatCompletionResponse
    by_class, of_class = Printer(), Printer()
    model._repr_pretty_(model.from_dict(ANSWER), by_class, False)  # as IPython calls it
    model._repr_pretty_(of_class, False)
    assert by_class.said == printer.said
    assert "ChatCompletionResponse" in of_class.said
    assert dict(ApiKey(id="k", name="ci").__rich_repr__())["name"] == "ci"


@pytest.mark.parametrize("looked", [repr, str, lambda one: str(list(one.__rich_repr__()))])
def test_no_view_shows_a_secret(looked: Any) -> None:
    tokens = CliTokens.from_dict({"access_token": "very-secret", "refresh_token": ["very-secret"]})

    assert "very-secret" not in looked(tokens)


def test_a_list_is_a_table_in_a_notebook() -> None:
    """Safe for whatever is in it; a key is no more shown there than elsewhere."""
    listed = InferenceModelList.from_dict({"data": [{"id": "<b>a</b>", "object": "model"}, {"id": "c"}]})
    keys: Any = ListTransactionsResponse.from_dict({"transactions": [{"transactionId": "t", "amount": {"units": "3"}}]})

    html = listed._repr_html_()

    assert html is not None
    assert html.startswith("<table><tr><th>id</th>")
    assert "&lt;b&gt;a&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "<td>3.00</td>" in keys._repr_html_()
    assert InferenceModelList.from_dict({"data": 7})._repr_html_() is None
    assert InferenceModelList.from_dict({})._repr_html_() is None


def test_an_answer_becomes_json_text() -> None:
    answer = ChatCompletionResponse.from_dict(ANSWER)

    assert json.loads(answer.to_json()) == ANSWER
    assert "Grüße" in answer.to_json()
    assert answer.to_json(indent=2).startswith('{\n  "id"')


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_json_has_no_word_for_is_no_json(number: float) -> None:
    with pytest.raises(ValidationError, match="NaN or infinity"):
        User.from_dict({"id": "1", "novelty": number}).to_json()


def test_half_a_character_is_written_all_the_same() -> None:
    text = User.from_dict({"id": "\ud83d"}).to_json()

    assert text.encode() == b'{"id": "\\ud83d"}'
    assert json.loads(text) == {"id": "\ud83d"}


def test_the_json_module_says_what_to_use() -> None:
    """It says of an object but the name of its type, which says more there, and only there."""
    answer = ChatCompletionResponse.from_dict(ANSWER)

    with pytest.raises(TypeError, match=r"type ChatCompletionResponse \(it has to_json\(\); .*to_dict\(\)"):
        json.dumps(answer)
    with pytest.raises(TypeError, match=r"type Money \(it has to_json"):
        json.dumps({"cost": [Money.of(1)]})
    assert f"{type(answer).__name__}" == "ChatCompletionResponse"
    assert json.loads(json.dumps({"answer": answer}, default=dict)) == {"answer": ANSWER}


def test_a_kind_from_the_future_may_have_any_key() -> None:
    odd = OpenObject.from_dict({"request_id": "theirs"})

    assert odd.request_id == "theirs"
    assert OpenObject.from_dict({}).request_id is None
