"""Advice is drawn from right requests only, and holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.evaluation.signs import Signs
from tensormesh_contract.exchanges.exchange import WALK, Exchange
from tests.contract.conftest import Surfaces, exchange

CHAT = "/v1/chat/completions"
WANTED = "It wants a user id: give it with --user-id, and --surface on-demand."
UNKNOWN = "It does not have the model 'm': name one that it serves with --model."


def refused(message: str, status: int = 404, *, source: str = WALK, model: str = "m", **headers: str) -> Exchange:
    body = {"error": {"message": message}}
    one = exchange(CHAT, body, method="POST", status=status, sent={"model": model})
    return replace(one, source=source, request=replace(one.request, headers=headers))


def advice(surfaces: Surfaces, *exchanges: Exchange) -> list[str]:
    signs = Signs()
    for one in exchanges:
        signs.note(one, surfaces[one.surface].find(one.request.method, one.request.path))
    return [*signs.advice(SurfaceName.SERVERLESS)]


def answered(model: str) -> Exchange:
    return replace(exchange(CHAT, {}, method="POST", sent={"model": model}), source=WALK)


@pytest.mark.parametrize("source", ["coverage", "fuzzing", "stateful", "examples", "trial"])
def test_what_made_up_requests_are_refused_for_is_no_advice(surfaces: Surfaces, source: str) -> None:
    seen: Any = [
        refused("The model `` does not exist.", model="", source=source),
        refused("The model `m` does not exist.", source=source),
        refused("X-User-Id is required", 401, source=source),
    ]

    assert advice(surfaces, *seen) == []


def test_what_right_requests_are_refused_for_is(surfaces: Surfaces) -> None:
    assert advice(surfaces, refused("The model `m` does not exist.")) == [UNKNOWN]
    assert advice(surfaces, refused("X-User-Id is required", 401)) == [WANTED]


def test_a_model_that_answers_elsewhere_or_after_another_is_no_advice(surfaces: Surfaces) -> None:
    """The first of a list may be one that does not chat, and nobody has to name another then."""
    no = refused("The model `m` does not exist.")

    assert advice(surfaces, no, answered("n")) == []
    assert advice(surfaces, answered("m"), no) == []


def test_a_user_id_that_was_given_is_not_asked_for(surfaces: Surfaces) -> None:
    (said,) = advice(surfaces, refused("X-User-Id is of nobody", 403, **{"x-user-id": "$USER_ID"}))

    assert said == "It does not take the user id: is it that of the key's owner? --user-id gives another."
