"""
Prompts in the tokens of a real engine, which it tells when it is asked to.

Knows how a request becomes a question to `/tokenize`, and how engines spell
their tokens. Where a message stands in the prompt is found by its text, for the
template is the engine's own.
"""

from collections.abc import Iterator, Sequence
from functools import cache

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.engine.conversation import label
from tensormesh_local.inference.prompts import COMPLETIONS, RESPONSES
from tensormesh_local.inference.upstream import Upstream
from tensormesh_local.lens.prompt import Prompt, Turn

_TOLD = ("model", "tools", "chat_template_kwargs", "chat_template", "documents")
_SPACE, _SENTENCEPIECE = "Ġ", "▁"


async def engine_prompt(upstream: Upstream, operation: str, body: JsonObject) -> Prompt | None:
    """
    Ask the engine how it reads the prompt of a request.

    Returns:
        The prompt; None where the engine does not tell, or the request has several.
    """
    asked = _question(operation, body)
    answer = None if asked is None else await upstream.ask("/tokenize", asked)
    if asked is None or answer is None:
        return None
    ids, spelt = answer.get("tokens"), answer.get("token_strs")
    if not isinstance(ids, list) or not all(isinstance(one, int) and 0 <= one < 2**32 for one in ids):
        return None
    tokens = [int(str(one)) for one in ids]
    texts = plain_texts([str(one) for one in spelt]) if isinstance(spelt, list) and len(spelt) == len(ids) else None
    by_id = dict(zip(tokens, texts, strict=True)) if texts else {one: f"[{one}]" for one in tokens}
    turns = _turns(texts or [], asked.get("messages"), len(tokens))
    return Prompt.of(tokens, lambda some: [by_id.get(one, "") for one in some], turns, str(body.get("model")))


def _question(operation: str, body: JsonObject) -> JsonObject | None:
    asked: JsonObject = {name: body[name] for name in _TOLD if body.get(name) is not None}
    asked["return_token_strs"] = True
    if operation == COMPLETIONS:
        return {**asked, "prompt": body["prompt"]} if isinstance(body.get("prompt"), str) else None
    messages = _messages(body) if operation == RESPONSES else body.get("messages")
    return {**asked, "messages": messages, "add_generation_prompt": True} if messages else None


def _messages(body: JsonObject) -> Json:
    """The input of a response as the messages of a chat, where it is made of such."""
    given, instructions = body.get("input"), body.get("instructions")
    found: list[Json] = [{"role": "system", "content": instructions}] if instructions else []
    if isinstance(given, str):
        return [*found, {"role": "user", "content": given}]
    if not isinstance(given, list) or not all(isinstance(item, dict) and "role" in item for item in given):
        return None
    return [*found, *given]


def _turns(texts: Sequence[str], messages: Json, length: int) -> tuple[Turn, ...]:
    """Find where each message ends, by its text."""
    if not isinstance(messages, list) or not texts:
        return (Turn("the prompt", 0, length),)
    whole, ends = "".join(texts), [*_ends(texts)]
    found: list[Turn] = []
    at, token = 0, 0
    for number, (role, text) in enumerate(map(_said, messages), 1):
        place = whole.find(text, at) if text else -1
        if place < 0:
            continue
        at, start = place + len(text), token
        while token < length and ends[token] < at:
            token += 1
        token = min(token + 1, length)
        found.append(Turn(label(number, role), start, token))
    return (*found, Turn("the beginning of the answer", token, length))


def _ends(texts: Sequence[str]) -> Iterator[int]:
    at = 0
    for text in texts:
        at += len(text)
        yield at


def _said(message: Json) -> tuple[str, str]:
    if not isinstance(message, dict):
        return "", ""
    content = message.get("content")
    if isinstance(content, list):
        content = next((part["text"] for part in content if isinstance(part, dict) and part.get("text")), "")
    return str(message.get("role")), content.strip() if isinstance(content, str) else ""


def plain_texts(spelt: Sequence[str]) -> list[str]:
    """The text of tokens as it reads; byte-level vocabularies and SentencePiece spell spaces by other signs."""
    if any(_SPACE in text for text in spelt):
        return [_bytes_of(text).decode("utf-8", "replace") for text in spelt]
    return [text.replace(_SENTENCEPIECE, " ") for text in spelt]


def _bytes_of(text: str) -> bytes:
    table = _byte_signs()
    return b"".join(bytes([table[sign]]) if sign in table else sign.encode("utf-8", "replace") for sign in text)


@cache
def _byte_signs() -> dict[str, int]:
    """The byte that a sign stands for in byte-level vocabularies: itself where it can be seen, else one from 256 on."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    unseen = [byte for byte in range(256) if byte not in seen]
    return {chr(byte): byte for byte in seen} | {chr(256 + place): byte for place, byte in enumerate(unseen)}
