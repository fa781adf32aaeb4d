"""
What the prompts of a file share: how much of them a cache answers, what keeps it from more, and what that costs.

Knows how it is told, as JSON and in words; prints nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.catalogue import served_as
from tensormesh_local.inference.prompts import priced_by
from tensormesh_local.lens.moving import MovingPart
from tensormesh_local.lens.sharing import BLOCK, CAPACITY, Cache
from tensormesh_local.lens.summary import Shares, Summary, part_in_words, summarize
from tensormesh_local.lens.wording import kind
from tensormesh_local.prompt_lines import PromptFile, read_lines

_NAMED = 5
_CENT = 2
_WAYS = {
    "as_they_stand": ("as they stand", "as_sent"),
    "reordered": ("in another order, at most", "reordered"),
    "moved_last": ("with what moves at the end", "moved"),
}
_WIDTH = max(len(words) for words, _ in _WAYS.values())


@dataclass(frozen=True, slots=True)
class PromptReport:
    """
    What was found.

    Args:
        document: as JSON.
        words: as sentences.
        rows: what moves, as rows of a table.
        unreadable: lines that have no prompt, with what is wrong with them.
    """

    document: JsonObject
    rows: list[JsonObject]
    words: str
    unreadable: tuple[tuple[int, str], ...]


def report(
    lines: Iterable[bytes],
    *,
    model: str | None = None,
    price: Decimal | None = None,
    block: int = BLOCK,
    capacity: int = CAPACITY,
) -> PromptReport:
    """
    Look at the requests of a file.

    Args:
        lines: the lines, each a request of a batch, a line that the console saved, or the body of a request.
        model: for requests that name none.
        price: US dollars for a million prompt tokens; None takes the published price of each model.
        block: how many tokens the blocks of the cache have.
        capacity: how many tokens it holds.
    """
    cache = Cache(block, capacity)
    found = read_lines(lines, model)
    summary = summarize(found.prompts, cache)
    prices = {scope: _price(scope, price) for scope in summary.by_scope}
    return PromptReport(
        _document(found, summary, prices, cache),
        [{**_part(part), "examples": " | ".join(part.examples)} for part in summary.parts],
        _words(found, summary, prices),
        tuple(found.unreadable),
    )


def _price(scope: str, given: Decimal | None) -> Decimal | None:
    """What a million prompt tokens cost; cached ones are free."""
    if given is not None:
        return given
    surface, model = priced_by(scope)
    return served_as(model).input_price or None if surface == "serverless" else None


def _document(found: PromptFile, summary: Summary, prices: Mapping[str, Decimal | None], cache: Cache) -> JsonObject:
    total = summary.total
    ways: JsonObject = {}
    for way, (_, name) in _WAYS.items():
        worth = summary.worth(name, prices)
        ways[way] = {
            "cached_tokens": int(getattr(total, name)),
            "saved_usd": None if worth is None else float(round(worth, 9)),
        }
    told: JsonObject | None = None
    if found.told:
        told = {"prompt_tokens": sum(one for one, _ in found.told), "cached_tokens": sum(one for _, one in found.told)}
    parts: list[Json] = [
        {**_part(part), "lines": [found.lines[position] for position in part.positions]} for part in summary.parts
    ]
    models: list[Json] = [
        {
            "model": priced_by(scope)[1],
            "prompts": shares.prompts,
            "tokens": shares.tokens,
            "as_they_stand": shares.as_sent,
            "reordered": shares.reordered,
            "moved_last": shares.moved,
        }
        for scope, shares in summary.by_scope.items()
    ]
    unreadable: list[Json] = [{"line": number, "why": why} for number, why in found.unreadable]
    return {
        "requests": found.requests,
        "prompts": total.prompts,
        "tokens": total.tokens,
        "block": cache.block,
        "cache_tokens": cache.capacity,
        **ways,
        "told": told,
        "moving_parts": parts,
        "models": models,
        "refused": found.refused,
        "unreadable": unreadable,
    }


def _part(part: MovingPart) -> JsonObject:
    return {
        "kind": kind(*part.examples),
        "place": part.label,
        "at_token": part.at,
        "examples": [*part.examples],
        "requests": len(part.positions),
        "gain_tokens": part.gain,
    }


def _words(found: PromptFile, summary: Summary, prices: Mapping[str, Decimal | None]) -> str:
    return "\n".join(_lines(found, summary, prices)) + "\n"


def _lines(found: PromptFile, summary: Summary, prices: Mapping[str, Decimal | None]) -> Iterator[str]:
    total = summary.total
    yield (
        f"{found.requests:,} requests with {total.tokens:,} tokens of prompts, counted by the built-in tokenizer."
        f" A cache answers:"
    )
    yield ""
    for words, name in _WAYS.values():
        cached = int(getattr(total, name))
        worth = summary.worth(name, prices)
        saved = "" if worth is None else f"   saves {_usd(worth)}"
        yield f"  {words.ljust(_WIDTH)}  {_share(cached, total.tokens):>5}  {cached:>15,} tokens{saved}"
    if found.told:
        prompt, cached = (sum(column) for column in zip(*found.told, strict=True))
        yield f"  {'as the host said'.ljust(_WIDTH)}  {_share(cached, prompt):>5}  {cached:>15,} tokens"
    yield ""
    yield from _parts(found, summary.parts, total)


def _parts(found: PromptFile, parts: Iterable[MovingPart], total: Shares) -> Iterator[str]:
    place = 0
    for place, part in enumerate(parts, 1):
        if place == 1:
            yield "What keeps them from being cached:"
        words = part_in_words(part)
        yield f"{place:>3}. {words[0].upper()}{words[1:]}"
        named = ", ".join(found.names[one] or f"line {found.lines[one]}" for one in part.positions[:_NAMED])
        more = f" and {len(part.positions) - _NAMED:,} more" if len(part.positions) > _NAMED else ""
        yield f"     {len(part.positions):,} requests: {named}{more}"
        yield f"     without it about {part.gain:,} more tokens were free"
    if not place:
        yield "Nothing moves in them that keeps them from being cached."
    if total.reordered > total.as_sent:
        yield "`tm batch run` sends requests in the better order by itself."
    if found.refused:
        yield f"{found.refused:,} requests that were refused are left out."


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "0 %"


def _usd(amount: Decimal) -> str:
    places = _CENT if amount >= 1 or not amount else max(_CENT, 1 - amount.adjusted())
    return f"{amount:.{places}f} USD"
