"""
The request of POST /v1/completions.

Knows the four forms of a prompt and the rules between the fields; refuses to
answer it.
"""

from dataclasses import dataclass, replace

from tensormesh_local.catalogue import Model
from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.sampling import Sampling
from tensormesh_local.errors import Refusal, bad_request, error_body
from tensormesh_local.inference.documented import check_documented
from tensormesh_local.inference.logprobs import check_logprobs
from tensormesh_local.inference.sampling import check_sampling, read_sampling
from tensormesh_local.inference.stream_options import read_stream_options
from tensormesh_local.inference.surface import Turn
from tensormesh_local.validation import Reader
from tensormesh_local.wire import JsonObject

DEFAULT_MAX_TOKENS = 16
MOST_PROMPTS = 1_024


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """A completion request that was read and found in order."""

    model: Model
    prompts: tuple[tuple[int, ...], ...]
    sampling: Sampling
    stream: bool
    include_usage: bool
    continuous_usage: bool
    echo: bool
    only_echo: bool
    logprobs: int | None
    token_ids: bool
    id: str | None


def _prompts(reader: Reader) -> tuple[tuple[int, ...], ...]:
    prompt = reader.body.get("prompt")
    empty = bad_request("Either prompt or prompt_embeds must be provided and non-empty.", "prompt")
    if prompt is None or prompt in ("", []):
        raise empty
    if isinstance(prompt, str):
        return (tuple(tokenizer.encode(prompt)),)
    if not isinstance(prompt, list):
        reader.wrong("prompt", "string_type", "Input should be a valid string", prompt)
        return ()
    if all(isinstance(item, int) and not isinstance(item, bool) for item in prompt):
        return (_checked(reader.integers("prompt")),)
    if len(prompt) > MOST_PROMPTS:
        raise bad_request(f"prompt must hold at most {MOST_PROMPTS} prompts.", "prompt")
    found: list[tuple[int, ...]] = []
    for position, item in enumerate(prompt):
        nested = Reader({str(position): item}, f"{reader.loc}.prompt", reader.problems)
        if item in ("", []):
            raise empty
        if isinstance(item, str):
            found.append(tuple(tokenizer.encode(item)))
        elif isinstance(item, list):
            found.append(_checked(nested.integers(str(position))))
        else:
            nested.wrong(str(position), "string_type", "Input should be a valid string", item)
    return tuple(found)


def _checked(tokens: tuple[int, ...]) -> tuple[int, ...]:
    for token in tokens:
        if not tokenizer.known(token):
            raise bad_request(f"Token id {token} is out of vocabulary")
    return tokens


def read_completion(turn: Turn, body: JsonObject) -> CompletionRequest:
    """
    Read a completion request.

    Raises:
        Refusal: 400 for a field or a rule, 404 for a model.
    """
    reader = Reader(body)
    name = reader.required_text("model")
    stream = bool(reader.flag("stream"))
    usage, continuous = read_stream_options(reader, stream=stream)
    sampling = read_sampling(reader, limits=("max_tokens",))
    if sampling.max_tokens is None:
        sampling = replace(sampling, max_tokens=DEFAULT_MAX_TOKENS)
    echo = bool(reader.flag("echo"))
    logprobs = reader.integer("logprobs")
    token_ids, asked_id = bool(reader.flag("return_token_ids")), reader.text("request_id")
    suffix = reader.text("suffix")
    prompts = _prompts(reader)
    check_documented(reader, "TextCompletionRequest")
    reader.finish()
    if suffix:
        # Here the engine names the parameter beside the message, not in it.
        message = "suffix is only supported for models with FIM completion rendering"
        raise Refusal(400, error_body(message, "BadRequestError", "suffix", 400))
    if logprobs is not None and logprobs < 0:
        raise bad_request("`logprobs` must be a positive value.", "logprobs", logprobs)
    check_logprobs("logprobs", logprobs)
    model = turn.surface.model(name)
    only_echo = echo and sampling.max_tokens == 0
    if only_echo:
        # Asking for nothing but the echo still costs the engine one token.
        sampling = replace(sampling, max_tokens=1)
    check_sampling(reader, sampling)
    return CompletionRequest(
        model, prompts, sampling, stream, usage, continuous, echo, only_echo, logprobs, token_ids, asked_id
    )
