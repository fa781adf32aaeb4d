"""
The operation POST /v1/completions: text in, more text out.

Knows the four forms of a prompt and both shapes of the answer; refuses to
reason, to call tools and to apply a template.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from starlette.responses import Response

from tensormesh_local import tokenizer
from tensormesh_local.catalogue import Model
from tensormesh_local.chat_request import read_stream_options
from tensormesh_local.engine import Answer, variant_of
from tensormesh_local.errors import Refusal, bad_request, error_body
from tensormesh_local.generation import Generation, generate
from tensormesh_local.logprobs import completion_logprobs
from tensormesh_local.prefix_cache import Hit
from tensormesh_local.replies import continuation
from tensormesh_local.sampling import Sampling, check_room, check_sampling, read_sampling
from tensormesh_local.sse import DONE, EventStream, data_event
from tensormesh_local.surface import Turn
from tensormesh_local.usage import FINGERPRINT, Usage
from tensormesh_local.validation import Reader
from tensormesh_local.wire import Json, JsonAnswer, JsonObject

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


@dataclass(frozen=True, slots=True)
class Choice:
    """One continuation of one prompt."""

    prompt: tuple[int, ...]
    generation: Generation

    def pieces(self, request: CompletionRequest) -> list[tuple[str, list[int]]]:
        """Cut what is shown into (text, tokens), one for each event of a stream."""
        found: list[tuple[str, list[int]]] = []
        if request.echo:
            found.append((tokenizer.decode(self.prompt), [*self.prompt]))
        if request.only_echo:
            return found
        waiting: list[int] = []
        for step in self.generation.steps:
            waiting.append(step.token)
            if step.text:
                found.append((step.text, waiting))
                waiting = []
        if waiting or not found:
            found.append(("", waiting))
        return found


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
    token_ids = bool(reader.flag("return_token_ids"))
    suffix = reader.text("suffix")
    prompts = _prompts(reader)
    reader.finish()
    if suffix:
        # Here the engine names the parameter beside the message, not in it.
        message = "suffix is only supported for models with FIM completion rendering"
        raise Refusal(400, error_body(message, "BadRequestError", "suffix", 400))
    if logprobs is not None and logprobs < 0:
        raise bad_request("`logprobs` must be a positive value.", "logprobs", logprobs)
    model = turn.surface.model(name)
    only_echo = echo and sampling.max_tokens == 0
    if only_echo:
        # Asking for nothing but the echo still costs the engine one token.
        sampling = replace(sampling, max_tokens=1)
    check_sampling(reader, sampling)
    return CompletionRequest(model, prompts, sampling, stream, usage, continuous, echo, only_echo, logprobs, token_ids)


def answer_completion(turn: Turn, body: JsonObject) -> Response:
    """Answer a completion request, whole or streamed."""
    request = read_completion(turn, body)
    sampling = request.sampling
    rooms = [check_room(request.model, len(p), sampling.max_tokens) for p in request.prompts]
    hits = [turn.surface.visit_cache(request.model, sampling, [*p]) for p in request.prompts]
    choices: list[Choice] = []
    for prompt, room in zip(request.prompts, rooms, strict=True):
        text = tokenizer.decode(prompt)
        for index in range(sampling.n):
            variant = variant_of(greedy=sampling.greedy, seed=sampling.seed, index=index)
            said = generate(Answer(continuation(text, variant)), sampling, room)
            choices.append(Choice(prompt, said))
    hit = Hit(sum(hit.cached for hit in hits), sum(hit.created for hit in hits))
    usage = Usage.of(sum(map(len, request.prompts)), hit, [c.generation for c in choices])
    shape = _Shape(turn.new_id("cmpl"), turn.created, request, usage)
    if request.stream:
        return EventStream(shape.events(choices), turn.surface.options.pace_seconds)
    return JsonAnswer(shape.whole(choices))


@dataclass(frozen=True, slots=True)
class _Shape:
    id: str
    created: int
    request: CompletionRequest
    usage: Usage

    def _envelope(self, choices: list[Json]) -> JsonObject:
        return {
            "id": self.id,
            "object": "text_completion",
            "created": self.created,
            "model": self.request.model.name,
            "choices": choices,
        }

    def _logprobs(self, tokens: list[int], offset: int) -> JsonObject | None:
        top = self.request.logprobs
        shown = [t for t in tokens if t not in tokenizer.SPECIAL_TEXT]
        return None if top is None or not shown else completion_logprobs(shown, top, offset)

    def whole(self, choices: list[Choice]) -> JsonObject:
        """Write the answer in one piece."""
        written: list[Json] = []
        for index, choice in enumerate(choices):
            pieces = choice.pieces(self.request)
            tokens = [token for _, part in pieces for token in part]
            asked = self.request.token_ids
            written.append(
                {
                    "index": index,
                    "text": "".join(text for text, _ in pieces),
                    "logprobs": self._logprobs(tokens, 0),
                    "finish_reason": choice.generation.finish_reason,
                    "stop_reason": choice.generation.stop_reason,
                    "token_ids": [*choice.generation.tokens] if asked else None,
                    "prompt_logprobs": None,
                    "prompt_token_ids": [*choice.prompt] if asked else None,
                    "routed_experts": None,
                }
            )
        return {
            **self._envelope(written),
            "service_tier": None,
            "system_fingerprint": FINGERPRINT,
            "usage": self.usage.chat(),
            "kv_transfer_params": None,
            "ec_transfer_params": None,
            "metrics": None,
        }

    def _lane(self, index: int, choice: Choice) -> Iterator[tuple[JsonObject, int, bool]]:
        pieces, offset = choice.pieces(self.request), 0
        for position, (text, tokens) in enumerate(pieces):
            last, asked = position == len(pieces) - 1, self.request.token_ids
            chunk: JsonObject = {
                "index": index,
                "text": text,
                "logprobs": self._logprobs(tokens, offset),
                "finish_reason": choice.generation.finish_reason if last else None,
                "stop_reason": choice.generation.stop_reason if last else None,
                "prompt_token_ids": [*choice.prompt] if asked and not position else None,
                "token_ids": [*tokens] if asked else None,
            }
            offset += len(text)
            echoed = self.request.echo and not position
            yield self._envelope([chunk]), 0 if echoed else len(tokens), last

    def events(self, choices: list[Choice]) -> Iterator[bytes]:
        """Write the answer as events, the final [DONE] included."""
        sent, left = 0, len(choices)
        for row in zip_longest(*(self._lane(i, choice) for i, choice in enumerate(choices))):
            for chunk, tokens, last in filter(None, row):
                sent, left = sent + tokens, left - int(last)
                if self.request.continuous_usage:
                    chunk["usage"] = Usage(self.usage.prompt, sent).running()
                if left == 0 and last and not self.request.include_usage:
                    chunk["system_fingerprint"] = FINGERPRINT
                yield data_event(chunk)
        if self.request.include_usage:
            yield data_event({**self._envelope([]), "usage": self.usage.streamed(), "system_fingerprint": FINGERPRINT})
        yield DONE
