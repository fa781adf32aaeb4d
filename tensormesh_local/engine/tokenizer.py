"""
A small reversible tokenizer: words and word pieces, bytes for everything else.

Knows how text becomes token ids and back, with nothing lost: for every str,
`decode(encode(text)) == text`. Does not turn text into special tokens, so
that no user message can forge the end of a turn.

Ids, from 0:
    256 bytes | 16 specials | known words | pieces of 1 to 3 letters
    | 1 to 3 digits | one ASCII mark | runs of spaces and of line feeds
Letters, digits and marks exist with and without a space before them; words and
pieces also Capitalised and in CAPITALS.
"""

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import cache, lru_cache

from tensormesh_local.engine.vocabulary import WORDS

LETTERS = 26
LONGEST_RUN = 16
MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


class Special(IntEnum):
    """Tokens that no text encodes to."""

    END_OF_TEXT = 256
    TURN = 257
    END_OF_TURN = 258
    THINK = 259
    END_THINK = 260
    TOOL_CALL = 261
    END_TOOL_CALL = 262
    IMAGE = 263


SPECIAL_TEXT: dict[int, str] = {
    Special.END_OF_TEXT: "<|endoftext|>",
    Special.TURN: "<|turn|>",
    Special.END_OF_TURN: "<|end|>",
    Special.THINK: "<think>",
    Special.END_THINK: "</think>",
    Special.TOOL_CALL: "<tool_call>",
    Special.END_TOOL_CALL: "</tool_call>",
    Special.IMAGE: "<|image|>",
}
FIRST_WORD = 272

# One alternative per row of the id table; a stretch that none of them takes goes as bytes.
_PIECE = re.compile(
    r"(?P<word> ?(?:[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[A-Z]))"
    r"|(?P<number> ?[0-9]{1,3})"
    r"|(?P<mark> ?[!-/:-@\[-`{-~])"
    rf"|(?P<spaces> {{1,{LONGEST_RUN - 1}}}(?= [!-~])| {{1,{LONGEST_RUN}}})"
    rf"|(?P<feeds>\n{{1,{LONGEST_RUN}}})"
    r"|(?P<rest>.)",
    re.DOTALL,
)


def _letters() -> Iterable[str]:
    alphabet = [chr(ord("a") + i) for i in range(LETTERS)]
    pairs = [a + b for a in alphabet for b in alphabet]
    return [*alphabet, *pairs, *(pair + c for pair in pairs for c in alphabet)]


@cache
def _texts() -> list[str]:
    """List the text of every id from FIRST_WORD on, each text once; made when the first text is read."""
    words = dict.fromkeys([*WORDS, *_letters()])
    digits = [f"{n:0{width}d}" for width in (1, 2, 3) for n in range(10**width)]
    forms = (form for word in words for form in (word, word.capitalize(), word.upper()))
    texts = [text for form in forms for text in (form, " " + form)]
    texts += [space + text for text in (*digits, *MARKS) for space in ("", " ")]
    texts += [" " * n for n in range(1, LONGEST_RUN + 1)]
    texts += ["\n" * n for n in range(1, LONGEST_RUN + 1)]
    return list(dict.fromkeys(texts))


@cache
def _ids() -> dict[str, int]:
    return {text: FIRST_WORD + position for position, text in enumerate(_texts())}


def size() -> int:
    """Tell how many ids there are; the ones between the specials and the words stand for nothing."""
    return FIRST_WORD + len(_texts())


_LONGEST_WORD = max(map(len, WORDS))


def _split_word(word: str) -> list[int]:
    """Cut a word into the longest known words, else into pieces of three letters."""
    ids: list[int] = []
    start = 0
    while start < len(word):
        longest = min(len(word), start + _LONGEST_WORD + 1)
        for end in range(longest, start, -1):
            found = _ids().get(word[start:end])
            if found is not None:
                ids.append(found)
                start = end
                break
    return ids


@lru_cache(maxsize=65_536)
def _word_ids(word: str) -> tuple[int, ...]:
    whole = _ids().get(word)
    return (whole,) if whole is not None else tuple(_split_word(word))


def encode(text: str) -> list[int]:
    """Turn text into token ids; lone surrogates are kept."""
    ids: list[int] = []
    for found in _PIECE.finditer(text):
        piece = found.group()
        if found.lastgroup == "rest":
            ids.extend(piece.encode("utf-8", "surrogatepass"))
        else:
            ids.extend(_word_ids(piece))
    return ids


def token_bytes(token: int) -> bytes:
    """Give the bytes one token stands for; an id without a token stands for none."""
    if 0 <= token < Special.END_OF_TEXT:
        return bytes([token])
    if FIRST_WORD <= token < size():
        return _texts()[token - FIRST_WORD].encode()
    return SPECIAL_TEXT.get(token, "").encode()


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def decode(tokens: Iterable[int]) -> str:
    """Turn token ids back into text."""
    return _text(b"".join(map(token_bytes, tokens)))


def token_text(token: int) -> str:
    """Give one token alone as text; a byte inside a character shows as a replacement."""
    return _text(token_bytes(token))


def pieces(tokens: Sequence[int]) -> list[str]:
    """
    Give the text each token adds, as a stream shows it.

    A character that several tokens spell appears whole, with the last of them.
    """
    shown: list[str] = []
    held = b""
    for token in tokens:
        held += token_bytes(token)
        ready = len(held) - _unfinished(held)
        shown.append(_text(held[:ready]))
        held = held[ready:]
    return shown


def _unfinished(data: bytes) -> int:
    """Count the bytes at the end that begin a character and do not end it."""
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte & 0b1100_0000 != 0b1000_0000:
            needed = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return back if back < needed else 0
    return 0


def known(token: int) -> bool:
    """Tell whether an id is in the vocabulary."""
    return 0 <= token < Special.END_OF_TEXT or token in SPECIAL_TEXT or FIRST_WORD <= token < size()
