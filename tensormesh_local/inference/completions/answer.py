"""
The answer of POST /v1/completions, whole and in events.

Knows both shapes; refuses to know where the text comes from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.generation import Generation
from tensormesh_local.inference.completions.request import CompletionRequest
from tensormesh_local.inference.logprobs import completion_logprobs
from tensormesh_local.inference.usage import FINGERPRINT, Usage
from tensormesh_local.sse import DONE, data_event
from tensormesh_local.wire import Json, JsonObject


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

    def _logprobs(self, tokens: list[int], offset: int) -> JsonObject | None:
        top = self.request.logprobs
        shown = [t for t in tokens if t not in tokenizer.SPECIAL_TEXT]
        if top is None or not shown:
            return None
        # Nothing comes before the first token of an echoed prompt, so nothing made it likely.
        return completion_logprobs(shown, top, offset, unforeseen=self.request.echo and offset == 0)

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
            "usage": self.usage.text(),
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
                    chunk["usage"] = Usage(self.usage.prompt, sent).totals()
                if left == 0 and last and not self.request.include_usage:
                    chunk["system_fingerprint"] = FINGERPRINT
                yield data_event(chunk)
        if self.request.include_usage:
            yield data_event({**self._envelope([]), "usage": self.usage.text_end(), "system_fingerprint": FINGERPRINT})
        yield DONE
