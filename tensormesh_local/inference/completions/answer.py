"""
The answer of POST /v1/completions, whole and in events.

Knows both shapes, but not where the text comes from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.generation import Generation
from tensormesh_local.inference.completions.request import CompletionRequest
from tensormesh_local.inference.logprobs import completion_logprobs, prompt_logprobs
from tensormesh_local.inference.usage import SYSTEM_FINGERPRINT, Usage
from tensormesh_local.sse import DONE, data_event


@dataclass(frozen=True, slots=True)
class Choice:
    """One continuation of one prompt."""

    prompt: tuple[int, ...]
    generation: Generation

    def pieces(self, request: CompletionRequest) -> list[tuple[str, list[int]]]:
        """Cut what is new into (text, tokens), one for each event of a stream."""
        found: list[tuple[str, list[int]]] = []
        waiting: list[int] = []
        for step in () if request.only_echo else self.generation.steps:
            waiting.append(step.token)
            if step.text:
                found.append((step.text, waiting))
                waiting = []
        if waiting or not found:
            found.append(("", waiting))
        return found


@dataclass(frozen=True, slots=True)
class CompletionAnswer:
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

    def _logprobs(self, echoed: Sequence[int], tokens: list[int], offset: int) -> JsonObject | None:
        top = self.request.logprobs
        if top is None or not (echoed or tokens):
            return None
        # Nothing comes before the first token of an echoed prompt, so nothing made it likely.
        return completion_logprobs([*echoed, *tokens], top, offset, unforeseen=bool(echoed))

    def whole(self, choices: list[Choice]) -> JsonObject:
        """Write the answer in one piece."""
        written: list[Json] = []
        for index, choice in enumerate(choices):
            pieces = choice.pieces(self.request)
            tokens = [token for _, part in pieces for token in part]
            asked, top = self.request.token_ids, self.request.logprobs
            echoed = choice.prompt if self.request.echo else ()
            written.append(
                {
                    "index": index,
                    "text": tokenizer.decode(echoed) + "".join(text for text, _ in pieces),
                    "logprobs": self._logprobs(echoed, tokens, 0),
                    "finish_reason": choice.generation.finish_reason,
                    "stop_reason": choice.generation.stop_reason,
                    "token_ids": [*choice.generation.tokens] if asked else None,
                    "prompt_logprobs": prompt_logprobs(echoed, top) if echoed and top is not None else None,
                    "prompt_token_ids": [*choice.prompt] if asked else None,
                    "routed_experts": None,
                }
            )
        return {
            **self._envelope(written),
            "service_tier": None,
            "system_fingerprint": SYSTEM_FINGERPRINT,
            "usage": self.usage.text(),
            "kv_transfer_params": None,
            "ec_transfer_params": None,
            "metrics": None,
        }

    def _lane(self, index: int, choice: Choice) -> Iterator[JsonObject]:
        pieces, offset, sent = choice.pieces(self.request), 0, 0
        asked, said = self.request.token_ids, choice.generation
        echoed: Sequence[int] = choice.prompt if self.request.echo else ()
        prompt: Json = [*choice.prompt] if asked or echoed else None
        for position, (text, tokens) in enumerate(pieces):
            last = position == len(pieces) - 1
            shown = tokenizer.decode(echoed) + text
            body: JsonObject = {
                "index": index,
                "text": shown,
                "logprobs": self._logprobs(echoed, tokens, offset),
                "finish_reason": said.finish_reason if last else None,
                "stop_reason": said.stop_reason if last else None,
                "prompt_token_ids": prompt,
                "token_ids": [*tokens] if asked else None,
            }
            chunk = self._envelope([body])
            sent, offset = sent + len(tokens), offset + len(shown)
            if self.request.continuous_usage:
                chunk["usage"] = Usage(len(choice.prompt), sent).totals()
            if last and not self.request.include_usage:
                chunk["system_fingerprint"] = SYSTEM_FINGERPRINT
            yield chunk
            # The first event alone tells of the prompt.
            echoed, prompt = (), None

    def events(self, choices: list[Choice]) -> Iterator[bytes]:
        """Write the answer as events, the final [DONE] included."""
        for row in zip_longest(*(self._lane(i, choice) for i, choice in enumerate(choices))):
            yield from map(data_event, filter(None, row))
        if self.request.include_usage:
            yield data_event(
                {**self._envelope([]), "usage": self.usage.text_end(), "system_fingerprint": SYSTEM_FINGERPRINT}
            )
        yield DONE
