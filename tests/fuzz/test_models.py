"""Whatever JSON comes: a model is made of it, shows it and gives it back; each attribute reads, or says why not."""

from __future__ import annotations

import contextlib
import copy
import json
import pickle
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh.errors import TensormeshError
from tensormesh_generated import models
from tensormesh_runtime.json_model import JsonModel
from tests.fuzz.spoiling import any_json, names, spoilt
from tests.overlay.recordings import RECORDINGS

KINDS = [
    kind for name in models.__all__ if isinstance(kind := getattr(models, name), type) and issubclass(kind, JsonModel)
]
ANSWERS = {
    "/v1/chat/completions": models.ChatCompletionResponse,
    "/v1/completions": models.TextCompletionResponse,
    "/v1/responses": models.ResponseCreateResponse,
}
RECORDED = [(ANSWERS[one.path], json.loads(one.content)) for one in RECORDINGS if not one.asked.get("stream")]


def fields(kind: type[JsonModel]) -> list[str]:
    return [item.metadata["key"] for item in kind.__attrs_attrs__] or ["x"]


def attributes(kind: type[JsonModel]) -> list[str]:
    """Fields, and what is worked out from them: amounts of money, for instance."""
    worked_out = [name for name in dir(kind) if isinstance(getattr(kind, name, None), property)]
    return [*(item.name for item in kind.__attrs_attrs__), *worked_out]


def read_everything(value: Any) -> None:
    """Read every attribute at every depth; each gives a value, or an error of ours."""
    if isinstance(value, JsonModel):
        for name in attributes(type(value)):
            with contextlib.suppress(TensormeshError):
                read_everything(getattr(value, name))
    elif isinstance(value, list):
        for item in value:
            read_everything(item)


def in_order(data: Any) -> str:
    """A text that tells 1 from 1.0 and true, and NaN from nothing; in JSON, keys have no order."""
    return json.dumps(data, sort_keys=True)


def use(kind: type[JsonModel], data: Any) -> None:
    """All that can be done with what a host sent as a model of that kind."""
    if not isinstance(data, dict):
        return
    before = in_order(data)
    model = kind.from_dict(data)
    read_everything(model)
    for copied in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert repr(copied) == repr(model)
    with contextlib.suppress(TensormeshError):  # NaN
        assert in_order(model.to_dict()) == before
    assert in_order(data) == before


@example((models.Model, {"createdAt": dict.fromkeys("abcd", 1)}))
@given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), any_json(fields(kind)))))
def test_any_json_can_be_used_as_any_model(case: tuple[type[JsonModel], Any]) -> None:
    use(*case)


@given(
    st.sampled_from(RECORDED).flatmap(
        lambda one: st.tuples(st.just(one[0]), spoilt(one[1], any_json(sorted(names(one[1])))))
    )
)
def test_a_recorded_answer_with_anything_wrong_in_it_can_be_used(case: tuple[type[JsonModel], Any]) -> None:
    use(*case)
