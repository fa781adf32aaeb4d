"""
A chat answer in chunks.

Knows the order and the shape of chunks: a role for each choice, one chunk a
token, the end of each choice, the usage if it was asked for. Does not know
where the tokens came from.
"""

from collections.abc import Iterator
from itertools import zip_longest

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.engine.generation import Generation, Step
from tensormesh_local.inference.chat.answer import ChatAnswer
from tensormesh_local.inference.usage import SYSTEM_FINGERPRINT, Usage
from tensormesh_local.sse import DONE, data_event


def chunks(full: ChatAnswer) -> Iterator[bytes]:
    """Give the events of a streamed answer, the final [DONE] included."""
    writer = _Writer(full)
    for index in range(len(full.choices)):
        yield data_event(writer.opening(index))
    lanes = [writer.choice(index) for index in range(len(full.choices))]
    for row in zip_longest(*lanes):
        yield from map(data_event, filter(None, row))
    if full.request.include_usage:
        yield data_event(
            {**writer.envelope([]), "usage": full.usage.chat_end(), "system_fingerprint": SYSTEM_FINGERPRINT}
        )
    yield DONE


class _Writer:
    """Writes the chunks of one answer."""

    def __init__(self, full: ChatAnswer) -> None:
        self._full = full

    def envelope(self, choices: list[Json]) -> JsonObject:
        """Wrap choices into a chunk."""
        return {
            "id": self._full.id,
            "object": "chat.completion.chunk",
            "created": self._full.context.created,
            "model": self._full.request.model.name,
            "choices": choices,
        }

    def _counted(self, chunk: JsonObject, said: int = 0, thought: int = 0) -> JsonObject:
        """Add what its own choice has used so far; the other choices are not counted."""
        if self._full.request.continuous_usage:
            chunk["usage"] = Usage(self._full.usage.prompt, said, reasoning=thought).chat_so_far()
        return chunk

    def opening(self, index: int) -> JsonObject:
        """Begin a choice: the role, and nothing said yet."""
        asked = self._full.request.token_ids
        chunk = self.envelope(
            [
                {
                    "index": index,
                    "delta": {"role": "assistant", "content": ""},
                    "logprobs": None,
                    "finish_reason": None,
                }
            ]
        )
        return {
            **self._counted(chunk),
            "prompt_token_ids": [*self._full.prompt] if asked else None,
            "prompt_text": self._full.prompt_text,
        }

    def choice(self, index: int) -> Iterator[JsonObject | None]:
        """
        Give the chunks of one choice, one for each token.

        None stands for a token that shows nothing on its own: it comes with the
        next, unless tokens are told of.
        """
        choice = self._full.choices[index]
        waiting: list[Step] = []
        thought = 0
        for said, step in enumerate(choice.steps, 1):
            last = said == len(choice.steps)
            thought += step.kind == "reasoning"
            waiting.append(step)
            delta = self._delta(step, index)
            if delta or last or self._full.tells_tokens:
                yield self._counted(self._chunk(index, choice, delta, waiting, last=last), said, thought)
                waiting = []
            else:
                yield None

    def _delta(self, step: Step, index: int) -> JsonObject:
        if step.kind == "content" and step.text:
            return {"content": step.text}
        if step.kind == "reasoning" and step.text and not self._full.request.thinking.hidden:
            return {self._full.context.presentation.reasoning_field: step.text}
        if step.kind == "call":
            call: JsonObject = {
                "id": self._full.call_ids[index][step.call],
                "type": "function",
                "index": step.call,
                "function": {"name": step.text},
            }
            return {"content": None, "tool_calls": [call]}
        if step.kind == "arguments" and step.text:
            part: JsonObject = {"index": step.call, "function": {"arguments": step.text}}
            return {"content": None, "tool_calls": [part]}
        return {}

    def _chunk(self, index: int, choice: Generation, delta: JsonObject, steps: list[Step], *, last: bool) -> JsonObject:
        tokens = [step.token for step in steps]
        body: JsonObject = {
            "index": index,
            "delta": delta,
            "logprobs": self._full.logprobs(tokens),
            "finish_reason": choice.finish_reason if last else None,
        }
        if last:
            body["stop_reason"] = choice.stop_reason
        body["token_ids"] = self._full.token_ids(tokens)
        chunk = self.envelope([body])
        if last and not self._full.request.include_usage:
            chunk["system_fingerprint"] = SYSTEM_FINGERPRINT
        return chunk
