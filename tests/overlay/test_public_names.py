"""What can be imported, and from where."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from typing import get_type_hints

import pytest

import tensormesh
from tensormesh import errors, types
from tensormesh_overlay.configuration.config import SETTINGS
from tests.cases import cases

EXCEPTIONS = {
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ConfigurationError",
    "ConflictError",
    "DeploymentError",
    "DeploymentTimeoutError",
    "InternalServerError",
    "MissingFieldError",
    "ModelError",
    "NotFoundError",
    "PermissionDeniedError",
    "ProtocolError",
    "RateLimitError",
    "SerializationError",
    "StreamError",
    "StreamEventError",
    "StreamTimeoutError",
    "StreamTruncatedError",
    "TensormeshError",
    "ToolLoopError",
    "UnprocessableEntityError",
    "ValidationError",
}

PUBLISHED = {
    "AsyncBufferedResponse",
    "AsyncChatCompletionStream",
    "AsyncStreamResponse",
    "AsyncTensormesh",
    "ChatCompletionStream",
    "ClientConfig",
    "DEFAULT_CONTROL_PLANE_BASE_URL",
    "DEFAULT_MAX_RETRIES",
    "DEFAULT_SERVERLESS_BASE_URL",
    "DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS",
    "DEFAULT_TIMEOUT_SECONDS",
    "ENV_CA_BUNDLE",
    "ENV_CONTROL_PLANE_BASE_URL",
    "ENV_CONTROL_PLANE_TOKEN",
    "ENV_INFERENCE_API_KEY",
    "ENV_MAX_RETRIES",
    "ENV_ON_DEMAND_BASE_URL",
    "ENV_ON_DEMAND_USER_ID",
    "ENV_SERVERLESS_BASE_URL",
    "ENV_TIMEOUT_SECONDS",
    "Tensormesh",
    "types",
}
"""Names that programs written for the published package import from `tensormesh`, beside the exceptions."""

OURS = {
    *("Attempt", "AsyncStream", "DEFAULT_TOTAL_TIMEOUT_SECONDS", "FunctionTool", "Response", "RetryPolicy"),
    *("RunningCost", "Stream", "Timeout", "ToolCall", "ToolRun", "UNSET", "batch", "errors", "tool"),
}

PUBLISHED_TYPES = {
    *(f"ChatCompletion{part}" for part in ("Chunk", "Function", "Message", "MessageToolCall", "Request", "Response")),
    *("ChatCompletionMessageToolCallFunction", "ChatCompletionResponseChoice", "ChatCompletionTool"),
    *("ChatCompletionStreamChoice", "ChatMessage", "DeltaMessage"),
    *(f"{call}{part}" for call in ("Tokenize", "Detokenize", "TextCompletion") for part in ("Request", "Response")),
    *("TextCompletionChoice", "FunctionNameSpec", "FunctionSelection", "HealthResponse", "InferenceModel"),
    *("InferenceModelList", "PredictedOutput", "ResponseCreateRequest", "ResponseCreateResponse"),
    *("ResponseOutputContent", "ResponseOutputItem", "ResponseFormat", "StreamOptions", "ThinkingConfigEnabled"),
    *("ThinkingConfigDisabled", "UsageInfo", "VersionResponse"),
}


def test_the_names_are_the_ones_that_were_promised() -> None:
    assert set(tensormesh.__all__) == EXCEPTIONS | PUBLISHED | OURS
    assert set(errors.__all__) == EXCEPTIONS
    assert set(types.__all__) >= PUBLISHED_TYPES


@pytest.mark.parametrize("module", [tensormesh, errors, types], ids=lambda module: module.__name__)
def test_every_name_is_there_and_nothing_else_is_public(module: object) -> None:
    names: tuple[str, ...] = module.__all__  # type: ignore[attr-defined]

    assert list(names) == sorted(set(names), key=names.index), "a name stands twice"
    assert [name for name in names if getattr(module, name, None) is None] == []
    assert set(names) <= set(dir(module))
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        _ = module.Nonsense  # type: ignore[attr-defined]


def test_every_public_error_is_one_of_ours() -> None:
    for name in EXCEPTIONS:
        assert issubclass(getattr(errors, name), errors.TensormeshError)
        assert getattr(tensormesh, name) is getattr(errors, name)


def test_the_tree_of_errors_is_the_one_that_programs_catch() -> None:
    """Whoever catches a connection error catches a broken stream too."""
    assert issubclass(errors.APITimeoutError, errors.APIConnectionError)
    assert issubclass(errors.StreamTruncatedError, errors.APIConnectionError)
    assert issubclass(errors.StreamTimeoutError, errors.APITimeoutError)
    assert issubclass(errors.InternalServerError, errors.APIStatusError)
    assert issubclass(errors.ConfigurationError, ValueError)
    assert all(issubclass(getattr(errors, name), errors.APIError) for name in EXCEPTIONS if name.startswith("Stream"))
    assert not issubclass(errors.ConfigurationError, errors.APIError)


def test_the_other_names_are_aliases_of_ours() -> None:
    assert tensormesh.ChatCompletionStream is tensormesh.Stream
    assert tensormesh.AsyncChatCompletionStream is tensormesh.AsyncStreamResponse is tensormesh.AsyncStream
    assert tensormesh.AsyncBufferedResponse is tensormesh.Response
    assert type(tensormesh.Tensormesh(env={}).config) is tensormesh.ClientConfig


def test_a_validation_error_goes_by_its_old_name_for_a_while() -> None:
    assert tensormesh.ModelError is errors.ModelError is tensormesh.ValidationError
    assert issubclass(tensormesh.ValidationError, ValueError)
    assert (tensormesh.ModelError.__module__, tensormesh.ModelError.__name__) == ("tensormesh", "ValidationError")


def test_the_names_of_variables_are_the_variables() -> None:
    """`ENV_X` is the variable of each setting that has one."""
    named = {getattr(tensormesh, name) for name in tensormesh.__all__ if name.startswith("ENV_")}

    assert named == {variable for variable, _ in SETTINGS.values()}
    assert all(f"ENV_{variable.removeprefix('TENSORMESH_')}" in tensormesh.__all__ for variable in named)


def loaded_after(code: str) -> set[str]:
    """The modules that a fresh Python has loaded after `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


@cases(
    "code",
    [
        "import tensormesh",
        "from tensormesh import Tensormesh, AsyncTensormesh\nTensormesh(env={})\nAsyncTensormesh(env={})",
        "import tensormesh.types, tensormesh.errors",
        "from tensormesh import *",
    ],
)
def test_importing_loads_no_http_library(code: str) -> None:
    loaded = loaded_after(code)

    assert loaded & {"aiohttp", "certifi", "httpx", "requests", "urllib3"} == set()
    assert "tensormesh" in loaded


def test_importing_loads_nothing_of_ours_until_a_name_is_used() -> None:
    ours = {name for name in loaded_after("import tensormesh") if name.startswith("tensormesh")}

    assert ours == {"tensormesh"}


def test_a_type_loads_itself_alone() -> None:
    loaded = loaded_after("from tensormesh.types import StreamOptions\nStreamOptions(include_usage=True)")

    assert "tensormesh_generated.models.stream_options" in loaded
    assert "tensormesh_generated.models.chat_completion_request" not in loaded
    assert not any(name.startswith("tensormesh_overlay") for name in loaded)


# Where they say that they live.

CLASSES = sorted(name for name in tensormesh.__all__ if isinstance(getattr(tensormesh, name), type))
MODELS = sorted(name for name in types.__all__ if isinstance(getattr(types, name), type))


@cases("name", CLASSES)
def test_what_is_public_says_that_it_lives_in_tensormesh(name: str) -> None:
    """And is found there by the name that it gives itself, so that it can be pickled by that."""
    named = getattr(tensormesh, name)

    assert named.__module__ == "tensormesh"
    assert getattr(tensormesh, named.__qualname__) is named
    assert pickle.loads(pickle.dumps(named)) is named


def test_every_type_says_that_it_lives_in_tensormesh_types() -> None:
    assert {getattr(types, name).__module__ for name in MODELS} == {"tensormesh.types"}
    assert [
        name for name in MODELS if pickle.loads(pickle.dumps(getattr(types, name))) is not getattr(types, name)
    ] == []


def test_a_traceback_names_an_error_as_it_is_imported() -> None:
    shown = traceback.format_exception_only(tensormesh.ConfigurationError("said"))

    assert shown == ["tensormesh.ConfigurationError: said\n"]


@cases(
    "old",
    [
        "tensormesh_overlay.errors NotFoundError",
        "tensormesh_runtime.errors MissingFieldError",
        "tensormesh_runtime.types Response",
        "tensormesh_generated.models.money Money",
    ],
)
def test_a_pickle_of_an_earlier_version_is_still_read(old: str) -> None:
    """It names the modules in which the classes are written."""
    module, name = old.split()

    assert pickle.loads(f"c{module}\n{name}\n.".encode()).__name__ == name


@cases("function", [tensormesh.Tensormesh.close, tensormesh.Stream.text_deltas, types.Money.of, types.Money.to_dict])
def test_the_source_of_what_is_public_is_found(function: Callable[..., object]) -> None:
    assert f"def {function.__name__}(" in inspect.getsource(function)


@cases("name", ["Attempt", "ClientConfig", "Response", "RetryPolicy", "Timeout"])
def test_the_types_of_what_values_hold_can_be_looked_up(name: str) -> None:
    assert get_type_hints(getattr(tensormesh, name))
