"""
The lens over the requests of this host: one of them, or all.

Knows which requests have prompts, what the answers said was cached, and what
that cost. The prompts are read when somebody looks, each once, on a thread
beside the event loop.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from math import gcd

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.accounts import Accounts, Price
from tensormesh_local.catalogue import Model
from tensormesh_local.console.rows import model_of, split
from tensormesh_local.inference.prompts import UnreadablePromptError, operation_of, priced_by, read_prompts
from tensormesh_local.inference.upstream import Upstream
from tensormesh_local.inference.upstream_prompts import engine_prompt
from tensormesh_local.lens.difference import difference
from tensormesh_local.lens.prompt import Prompt, common
from tensormesh_local.lens.sharing import Cache
from tensormesh_local.lens.summary import part_in_words, summarize
from tensormesh_local.lens.wording import finding
from tensormesh_local.request_log import Record, RequestLog

SHOWN_PARTS = 10
SHOWN_REQUESTS = 5
# What is shown of a long prompt: its beginning, what is around the first token that differs, and its end.
_ALL, _HEAD, _BEFORE, _AFTER, _TAIL = 3_000, 300, 500, 900, 200


@dataclass(frozen=True, slots=True)
class _Read:
    """The prompts of a request; or why there are none."""

    prompts: tuple[Prompt, ...] = ()
    why: str = ""


class PromptLens:
    """The lens over one log."""

    def __init__(self, request_log: RequestLog, accounts: Accounts, upstream: Upstream | None) -> None:
        self._log = request_log
        self._accounts = accounts
        self._upstream = upstream
        self._read: dict[int, _Read] = {}
        self._lock = asyncio.Lock()

    async def one(self, number: int) -> JsonObject | None:
        """Look at one request; None for one that is not known any more."""
        record = self._log.record(number)
        if record is None:
            return None
        models = self._models()
        async with self._lock:
            found = await asyncio.to_thread(self._nearest, record, models)
        if isinstance(found, str):
            return {"why": found}
        prompt, earlier, other = found
        source = "the built-in tokenizer"
        exact = await self._exact(record)
        exact_other = None if exact is None or earlier is None else await self._exact(earlier)
        if exact is not None and (earlier is None or exact_other is not None):
            prompt, other, source = exact, exact_other, "the tokenizer of the engine"
        return {**self._view(record, prompt, earlier, other), "source": source}

    async def all(self) -> JsonObject:
        """Look at all requests that are known."""
        records, models = self._log.records(), self._models()
        asked = {(split(record.path)[0], model_of(record.body)) for record in records if record.tokens is not None}
        prices = {scope: self._accounts.token_price(*scope) for scope in asked}
        async with self._lock:
            return await asyncio.to_thread(self._summary, records, models, prices)

    def cache(self) -> Cache:
        """The cache to reckon with: a real engine shows by its counts how long its blocks are."""
        if self._upstream is None:
            return Cache()
        told = [record.tokens.cached for record in self._log.records() if record.tokens and record.tokens.cached]
        return Cache(block=gcd(*told) or Cache().block)

    async def _exact(self, record: Record) -> Prompt | None:
        """The prompt of a request as a real engine reads it; None where there is no such engine, or it does not say."""
        operation = operation_of(record.path)
        if self._upstream is None or operation is None or not isinstance(record.body, dict):
            return None
        return await engine_prompt(self._upstream, operation, record.body)

    def _models(self) -> tuple[Model, ...]:
        return self._accounts.serverless_models()

    def _prompts(self, record: Record, models: Sequence[Model]) -> _Read:
        found = self._read.get(record.number)
        if found is None:
            operation = operation_of(record.path)
            if operation is None or record.method != "POST":
                found = _Read(why="This request has no prompt.")
            else:
                try:
                    found = _Read(read_prompts(operation, record.body, models, split(record.path)[0]))
                except UnreadablePromptError as error:
                    found = _Read(why=f"The prompt of this request cannot be read: {error}.")
            self._read[record.number] = found
        return found

    def _forget(self) -> None:
        """Forget what the log has forgotten."""
        first = self._log.first
        self._read = {number: found for number, found in self._read.items() if number >= first}

    def _nearest(self, record: Record, models: Sequence[Model]) -> tuple[Prompt, Record | None, Prompt | None] | str:
        """The prompt of a request, and the earlier one with the longest common beginning; or why there is none."""
        self._forget()
        own = self._prompts(record, models)
        if not own.prompts:
            return own.why
        prompt, best, nearest, other = own.prompts[0], 0, None, None
        for earlier in reversed(self._log.records()):
            if earlier.number >= record.number or not _computed(earlier):
                continue
            for candidate in self._prompts(earlier, models).prompts:
                shared = common(prompt.key, candidate.key) if candidate.scope == prompt.scope else 0
                if shared > best:
                    best, nearest, other = shared, earlier, candidate
        return prompt, nearest, other

    def _view(self, record: Record, prompt: Prompt, earlier: Record | None, other: Prompt | None) -> JsonObject:
        cache, cached = self.cache(), None if record.tokens is None else record.tokens.cached
        found: JsonObject = {"tokens": len(prompt), "cached": cached, "block": cache.block}
        at = 0
        if earlier is None or other is None:
            found |= {"common": 0, "able": 0, "free": 0, "words": _FIRST, "earlier": None, "here": [0, 0], "notes": []}
        else:
            differs = difference(prompt, other)
            at = differs.at
            told = finding(prompt, other, differs, cache, f"request {earlier.number}")
            found |= {"common": at, "able": told.cached, "free": told.free, "earlier": earlier.number}
            found |= {"words": told.words, "here": [*differs.here]}
            found["notes"] = _notes(record, earlier, cached, told.cached)
        found["turns"] = [{"label": turn.label, "start": turn.start, "end": turn.end} for turn in prompt.turns]
        found["windows"] = [
            {"start": start, "texts": [*prompt.texts(start, end)]} for start, end in _windows(len(prompt), at)
        ]
        return found

    def _summary(
        self,
        records: Sequence[Record],
        models: Sequence[Model],
        prices: Mapping[tuple[str, str], Price | None],
    ) -> JsonObject:
        self._forget()
        read = [(record, self._prompts(record, models).prompts) for record in records if _computed(record)]
        asked = [record for record, prompts in read if prompts]
        owners = [record for record, prompts in read for _ in prompts]
        told = [record.tokens for record in asked if record.tokens is not None]
        cache = self.cache()
        summary = summarize([prompt for _, prompts in read for prompt in prompts], cache)
        total = summary.total
        priced = {scope: prices.get(priced_by(scope)) for scope in summary.by_scope}
        saved = {scope: None if price is None else price.input - price.cached for scope, price in priced.items()}
        return {
            "requests": len(asked),
            "tokens": total.tokens,
            "as_sent": total.as_sent,
            "reordered": total.reordered,
            "moved": total.moved,
            "told": {"prompt": sum(one.prompt for one in told), "cached": sum(one.cached for one in told)},
            "worth": {
                name: None if (worth := summary.worth(name, saved)) is None else f"{worth:f}"
                for name in ("as_sent", "reordered", "moved")
            },
            "exact": self._upstream is None,
            "block": cache.block,
            "parts": [
                {
                    "words": part_in_words(part),
                    "gain": part.gain,
                    "count": len(part.positions),
                    "requests": [owners[position].number for position in part.positions[:SHOWN_REQUESTS]],
                }
                for part in summary.parts[:SHOWN_PARTS]
            ],
        }


_FIRST = "No earlier request begins like this one, so nothing of it could come from the cache."


def _computed(record: Record) -> bool:
    """Tell whether the engine has read the prompt of a request: one that was refused, it has not."""
    return record.status == HTTPStatus.OK


def _notes(record: Record, earlier: Record, cached: int | None, able: int) -> list[Json]:
    """Why what the host reports is not what the prompts explain."""
    if cached is None or cached == able:
        return []
    if cached > able:
        return ["The host reports more: it has seen other prompts that begin like this one."]
    if earlier.seconds is None or earlier.elapsed - earlier.seconds < record.elapsed:
        return [f"The host reports less: request {earlier.number} was still under way when this one came."]
    return ["The host reports less: it may have made room for other prompts meanwhile."]


def _windows(length: int, at: int) -> Iterable[tuple[int, int]]:
    """Which tokens of a prompt are shown: all of a short one, and of a long one what matters."""
    if length <= _ALL:
        return [(0, length)]
    wanted = [(0, _HEAD), (max(at - _BEFORE, 0), min(at + _AFTER, length)), (length - _TAIL, length)]
    found: list[tuple[int, int]] = []
    for start, end in sorted(wanted):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
