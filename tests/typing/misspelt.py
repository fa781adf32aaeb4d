"""Names that do not exist are reported; without the ignore comments, each line would be an error of the checker."""

from typing import assert_type

import tensormesh
from tensormesh import types
from tensormesh.types import NoSuchType  # type: ignore[attr-defined]
from tensormesh_generated import api, models
from tensormesh_generated.models import ChatCompletionResponse

_ = NoSuchType
assert_type(tensormesh.__version__, str)


def misspelt(answer: ChatCompletionResponse) -> None:
    _ = answer.choises  # type: ignore[attr-defined]
    _ = api.chats  # type: ignore[attr-defined]
    _ = api.chat.create_chat  # type: ignore[attr-defined]
    _ = models.NoSuch  # type: ignore[attr-defined]
    _ = types.NoSuch  # type: ignore[attr-defined]
    _ = tensormesh.NoSuch  # type: ignore[attr-defined]
