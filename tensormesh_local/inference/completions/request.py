"""
The request of POST /v1/completions.

Knows the four forms of a prompt and the rules between the fields; does not
answer it.
"""

from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.catalogue import Model
from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.answer import OutputFormat
from tensormesh_local.engine.sampling import Sampling
from tensormesh_local.errors import ApiError, bad_request, error_body
from tensormesh_local.inference.body import read_body
from tensormesh_local.inference.logprobs import check_logprobs
from tensormesh_local.inference.response_format import checked_schema
from tensormesh_local.inference.sampling import check_sampling, read_sampling
from tensormesh_local.inference.stream_options import check_stream_options, read_stream_options
from tensormesh_local.inference.structured_outputs import read_output_format
from tensormesh_local.inference.surface import RequestContext

DEFAULT_MAX_TOKENS = 16
MOST_PROMPTS = 1_024


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """A completion request that was read and found in order."""

    model: Model
    prompts: tuple[tuple[int, ...], ...]
    sampling: Sampling
    output_format: OutputFormat
    stream: bool
    include_usage: bool
    continuous_usage: bool
    echo: bool
    only_echo: bool
    logprobs: int | None
    token_ids: bool
    id: str | None


def _check_prompt(body: JsonObject) -> None:
    prompt = body.get("prompt")
    if prompt in (None, "", []) or (isinstance(prompt, list) and any(one in ("", []) for one in prompt)):
        raise bad_request("Either prompt or prompt_embeds must be provided and non-empty.", "prompt")


def _prompts(prompt: Any) -> tuple[tuple[int, ...], ...]:
    several = [prompt] if isinstance(prompt, str) or isinstance(prompt[0], int) else prompt
    if len(several) > MOST_PROMPTS:
        raise bad_request(f"prompt must hold at most {MOST_PROMPTS} prompts.", "prompt")
    found = tuple(tuple(tokenizer.encode(one) if isinstance(one, str) else one) for one in several)
    for token in chain.from_iterable(found):
        if not tokenizer.known(token):
            raise bad_request(f"Token id {token} is out of vocabulary")
    return found


def _json_schema(form: Any) -> JsonObject | None:
    """Read `response_format`, which is any object here: None where it asks for nothing that the engine knows."""
    match form:
        case {"type": "json_object"}:
            return {}
        case {"type": "json_schema", "json_schema": {"schema": dict() as schema}}:
            return checked_schema(schema)
    return None


def read_completion(context: RequestContext, body: JsonObject) -> CompletionRequest:
    """
    Read a completion request.

    Raises:
        ApiError: 400 for a field or a rule, 404 for a model.
    """
    check_stream_options(body)
    _check_prompt(body)
    fields = read_body("TextCompletionRequest", body)
    sampling = read_sampling(fields, limits=("max_tokens",))
    if sampling.max_tokens is None:
        sampling = replace(sampling, max_tokens=DEFAULT_MAX_TOKENS)
    prompts, logprobs, echo = _prompts(fields.prompt), fields.logprobs, bool(fields.echo)
    if fields.suffix:
        # Here the engine names the parameter beside the message, not in it.
        message = "suffix is only supported for models with FIM completion rendering"
        raise ApiError(400, error_body(message, "BadRequestError", "suffix", 400))
    if logprobs is not None and logprobs < 0:
        raise bad_request("`logprobs` must be a positive value.", "logprobs", logprobs)
    check_logprobs("logprobs", logprobs)
    output_format = read_output_format(fields, _json_schema(fields.response_format))
    model = context.surface.model(fields.model)
    only_echo = echo and sampling.max_tokens == 0
    if only_echo:
        # Asking for nothing but the echo still costs the engine one token.
        sampling = replace(sampling, max_tokens=1)
    check_sampling(fields, sampling)
    return CompletionRequest(
        model,
        prompts,
        sampling,
        output_format,
        bool(fields.stream),
        *read_stream_options(fields.stream_options),
        echo,
        only_echo,
        logprobs,
        bool(fields.return_token_ids),
        fields.request_id,
    )
