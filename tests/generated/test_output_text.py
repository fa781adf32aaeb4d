"""The text of a response is read in one piece, whatever stands around it."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh_generated.models import ResponseCreateResponse
from tensormesh_runtime.errors import MissingFieldError


def respond(*output: dict[str, Any]) -> ResponseCreateResponse:
    return ResponseCreateResponse.from_dict({"id": "r", "object": "response", "model": "m", "output": list(output)})


def message(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "content": list(parts)}


def text(value: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": value}


def test_the_text_of_every_message_comes_in_order() -> None:
    assert respond(message(text("The "), text("Da")), message(text("nube."))).output_text == "The Danube."


def test_reasoning_refusals_and_calls_are_no_text() -> None:
    thought = {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "Hm."}]}
    refusal = {"type": "refusal", "refusal": "No.", "text": "No."}
    call = {"type": "function_call", "name": "f", "arguments": "{}"}

    assert respond(thought, message(refusal, text("Yes.")), call).output_text == "Yes."


@pytest.mark.parametrize("item", [{"type": "message"}, {"type": "message", "content": None}, message(text(None))])
def test_a_response_that_says_nothing_has_an_empty_text(item: dict[str, Any]) -> None:
    assert respond(item).output_text == ""


def test_a_part_of_no_type_is_no_text() -> None:
    assert respond(message({"text": "Hm."}, text("Yes."))).output_text == "Yes."


@pytest.mark.parametrize("output", [[None], [7], [{"content": [None, 7]}], [{"content": 7}]])
def test_what_is_no_output_has_no_text(output: Any) -> None:
    response = ResponseCreateResponse.from_dict({"id": "r", "object": "response", "model": "m", "output": output})

    assert response.output_text == ""


@pytest.mark.parametrize("odd", [{}, {"output": None}, {"output": 7}])
def test_a_response_without_output_says_what_is_missing(odd: dict[str, Any]) -> None:
    response = ResponseCreateResponse.from_dict({"id": "r", "object": "response", "model": "m", **odd})

    with pytest.raises(MissingFieldError, match="has no 'output'"):
        _ = response.output_text


def test_there_is_no_text_in_an_empty_response() -> None:
    assert respond().output_text == ""
