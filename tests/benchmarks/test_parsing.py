"""What pydantic's models read and write is what ours do, or the comparison says nothing."""

from __future__ import annotations

import json

import pytest

from benchmarks.parsing import SAMPLES
from benchmarks.pydantic_models import pydantic_model
from tensormesh_generated import models


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("completion.json", "ChatCompletionResponse"),
        ("chunk.json", "ChatCompletionChunk"),
        ("request.json", "ChatCompletionRequest"),
    ],
)
def test_both_models_of_a_component_hold_the_same(file: str, name: str) -> None:
    """The same fields, and each sample unchanged."""
    ours, theirs = getattr(models, name), pydantic_model(name)
    data = json.loads((SAMPLES / file).read_text(encoding="utf-8"))

    assert theirs.model_fields.keys() == ours.__annotations__.keys()
    assert theirs.model_validate(data).model_dump(exclude_unset=True) == ours.from_dict(data).to_dict() == data
