"""
The prompts that a request comes to, as the built-in engine reads it.

Knows the three operations that have prompts, and which models stand for those
that nobody here serves; answers nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.catalogue import Model, served_as
from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.conversation import Conversation
from tensormesh_local.errors import ApiError
from tensormesh_local.inference.chat.request import read_chat
from tensormesh_local.inference.completions.request import read_completion
from tensormesh_local.inference.responses.request import read_responses
from tensormesh_local.inference.surface import Presentation, RequestContext, Surface
from tensormesh_local.lens.prompt import Prompt, Turn
from tensormesh_local.options import Options

CHAT, COMPLETIONS, RESPONSES = "/v1/chat/completions", "/v1/completions", "/v1/responses"
OPERATIONS = (CHAT, COMPLETIONS, RESPONSES)

_OPTIONS = Options(allow_json_schema=True)


class UnreadablePromptError(ValueError):
    """A request that comes to no prompt, and why, in a sentence."""


def operation_of(path: str) -> str | None:
    """The operation with prompts that a path ends with, whichever surface it is below."""
    return next((operation for operation in OPERATIONS if path.endswith(operation)), None)


def priced_by(scope: str) -> tuple[str, str]:
    """The surface and the model of the prompts of a scope, which say what their tokens cost."""
    surface, model, *_ = scope.split("\n")
    return surface, model


def read_prompts(operation: str, body: Json, models: Sequence[Model] = (), surface: str = "") -> tuple[Prompt, ...]:
    """
    Give the prompts of a request; only a text completion can have several.

    Args:
        operation: one of `OPERATIONS`.
        models: those that are known better than by their name.
        surface: what shares a cache with itself alone.

    Raises:
        UnreadablePromptError: it is no request of that operation.
    """
    if not isinstance(body, dict):
        raise UnreadablePromptError("the body is no JSON object")
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise UnreadablePromptError("the body names no model")
    model = replace(next((model for model in models if model.name == name), None) or served_as(name), ready=True)
    context = RequestContext(Surface(surface, _OPTIONS, (model,)), Presentation())
    try:
        return tuple(_read(context, operation, body, f"{surface}\n{name}"))
    except ApiError as error:
        raise UnreadablePromptError(_reason(error)) from error
    except RecursionError as error:
        raise UnreadablePromptError("the body is nested too deeply") from error


def _read(context: RequestContext, operation: str, body: JsonObject, scope: str) -> Iterable[Prompt]:
    if operation == COMPLETIONS:
        text = read_completion(context, body)
        scope = f"{scope}\n{text.sampling.isolation}"
        return [Prompt.of(ids, tokenizer.pieces, (Turn("the prompt", 0, len(ids)),), scope) for ids in text.prompts]
    request = read_chat(context, body) if operation == CHAT else read_responses(context, body)
    return [_prompt(request.conversation, f"{scope}\n{request.sampling.isolation}", thinking=request.thinking.open)]


def _prompt(conversation: Conversation, scope: str, *, thinking: bool) -> Prompt:
    tokens: list[int] = []
    turns: list[Turn] = []
    for label, ids in conversation.turns(thinking=thinking):
        turns.append(Turn(label, len(tokens), len(tokens) + len(ids)))
        tokens += ids
    return Prompt.of(tokens, tokenizer.pieces, tuple(turns), scope)


def _reason(error: ApiError) -> str:
    body = error.body
    found = body.get("error") if isinstance(body, dict) else None
    if isinstance(found, dict) and found.get("type") == "Bad Request":
        # All that is wrong with a field, once for each of its types, is more than anybody reads.
        return f"the engine cannot read {found.get('param')}"
    message = found.get("message") if isinstance(found, dict) else found
    return " ".join(str(message).split())
