"""
Log probabilities, made up but steady: a token always has the same one.

Knows the shapes of chat and of completions; does not claim that the numbers
mean anything.
"""

import zlib
from collections.abc import Sequence

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.engine import tokenizer
from tensormesh_local.errors import bad_request

STEP_DOWN = 3.0
MOST_LOGPROBS = 20


def check_logprobs(name: str, asked: int | None) -> None:
    """
    Check a number of alternatives against its range.

    Raises:
        Refusal: 400 for a negative one, or more than the engine keeps.
    """
    if asked is not None and not 0 <= asked <= MOST_LOGPROBS:
        raise bad_request(f"`{name}` must be in [0, {MOST_LOGPROBS}], got {asked}.", name, asked)


def _logprob(token: int) -> float:
    return -((zlib.crc32(str(token).encode()) % 9_000) + 1) / 10_000


def _alternatives(token: int, count: int) -> list[tuple[int, float]]:
    """Give the token itself, then others that were less likely."""
    found = [(token, _logprob(token))]
    seed = token
    while len(found) < count:
        seed = zlib.crc32(f"{seed}".encode())
        other = tokenizer.FIRST_WORD + seed % (tokenizer.size() - tokenizer.FIRST_WORD)
        if all(other != known for known, _ in found):
            found.append((other, _logprob(token) - STEP_DOWN * len(found)))
    return found


def _named(token: int, logprob: float) -> JsonObject:
    return {"token": tokenizer.token_text(token), "logprob": logprob}


def _entry(token: int, logprob: float) -> JsonObject:
    return {**_named(token, logprob), "bytes": [*tokenizer.token_bytes(token)]}


def chat_logprobs(tokens: Sequence[int], top: int) -> JsonObject:
    """Write the log probabilities of some tokens as chat does."""
    content: list[Json] = [
        {
            **_entry(token, _logprob(token)),
            "top_logprobs": [_entry(*pair) for pair in _alternatives(token, top)[:top]],
        }
        for token in tokens
    ]
    return {"content": content}


def delta_logprobs(tokens: Sequence[int], top: int) -> list[Json]:
    """Write the log probabilities of some tokens as the deltas of a response do: without their bytes."""
    return [
        {
            **_named(token, _logprob(token)),
            "top_logprobs": [_named(*pair) for pair in _alternatives(token, top)[:top]],
        }
        for token in tokens
    ]


def prompt_logprobs(tokens: Sequence[int], top: int) -> list[Json]:
    """Write the log probabilities of a prompt; nothing comes before its first token, so nothing made it likely."""
    written: list[Json] = [None]
    for token in tokens[1:]:
        likely: JsonObject = {}
        for rank, (other, value) in enumerate(_alternatives(token, top), 1):
            likely[str(other)] = {"logprob": value, "rank": rank, "decoded_token": tokenizer.token_text(other)}
        written.append(likely)
    return written


def completion_logprobs(tokens: Sequence[int], top: int, offset: int, *, unforeseen: bool = False) -> JsonObject:
    """
    Write the log probabilities of some tokens as completions do.

    Args:
        tokens: the tokens.
        top: how many alternatives to list for each.
        offset: where in the text the first of them begins.
        unforeseen: whether the first one has no probability.
    """
    offsets: list[Json] = []
    likely: list[Json] = [_logprob(token) for token in tokens]
    others: list[Json] = [
        {tokenizer.token_text(other): value for other, value in _alternatives(token, top)} for token in tokens
    ]
    for token in tokens:
        offsets.append(offset)
        offset += len(tokenizer.token_text(token))
    if unforeseen:
        likely[0] = others[0] = None
    return {
        "text_offset": offsets,
        "token_logprobs": likely,
        "tokens": [tokenizer.token_text(token) for token in tokens],
        "top_logprobs": others,
    }
