"""
Signs that a run asked the wrong thing: another surface, a model that there is not, nobody in particular.

Knows how refusals of hosts read. Looks at right requests only, since a refusal of a wrong one says nothing of the run;
what a host says otherwise than its document is not its matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from tensormesh_contract.documents.operations import Operation, SurfaceName
from tensormesh_contract.evaluation.secrets import without_keys
from tensormesh_contract.evaluation.substitutes import leads_to
from tensormesh_contract.exchanges.exchange import WALK, Answer, Exchange
from tensormesh_documents.json_types import Json

OTHER_SURFACE = "other surface"
"""The source of a request that looks for another surface."""
_THERE = frozenset({200, 401, 403})
_NOT_THERE = frozenset({404, 405})
_SAYING = ("message", "detail", "msg")
_LONGEST = 200
_NO_SUCH_MODEL = (
    "model_not_found",
    "does not exist",
    "not found",
    "not a valid model",
    "unknown model",
    "no such model",
)


class Signs:
    """What the answers of one run say of the questions."""

    def __init__(self) -> None:
        self._other_than_asked: set[SurfaceName] = set()
        self._unknown_models: dict[SurfaceName, str] = {}
        self._generating: set[SurfaceName] = set()
        self._user_id_wanted: set[SurfaceName] = set()
        self._user_id_refused: set[SurfaceName] = set()
        self._not_there: set[SurfaceName] = set()
        self._elsewhere: dict[SurfaceName, str] = {}
        self._refusals: dict[SurfaceName, str] = {}

    def note(self, exchange: Exchange, operation: Operation | None) -> None:
        """Look at one answer."""
        answer, surface = exchange.answer, exchange.surface
        if answer is None:
            return
        # One that turns everybody away everywhere is no other surface for it.
        there = answer.status in _THERE and surface in self._not_there
        if exchange.source == OTHER_SURFACE and operation is None and there:
            self._other_than_asked.add(surface)
        if operation is None or exchange.source != WALK:
            return
        if operation.id == "list_models" and answer.succeeded and isinstance(answer.json, dict):
            wrong = "models" if surface is not SurfaceName.CONTROL_PLANE else "data"
            if isinstance(answer.json.get(wrong), list):
                self._other_than_asked.add(surface)
        if answer.succeeded and operation.stream is not None:
            self._generating.add(surface)
        if answer.status in _NOT_THERE:
            self._not_there.add(surface)
        if 300 <= answer.status < 400 and (to := leads_to(answer)):
            self._elsewhere.setdefault(surface, f"{answer.status} leads to {to}, and redirects are not followed.")
        if answer.status >= 400:
            self._note_refusal(exchange, answer, operation)

    def _note_refusal(self, exchange: Exchange, answer: Answer, operation: Operation) -> None:
        text = answer.body[:2_000].decode("utf-8", "replace")
        if operation.needs_key:
            self._refusals.setdefault(exchange.surface, _words(answer.json))
        said = text.lower()
        sent = exchange.request.json
        model = sent.get("model") if isinstance(sent, dict) else None
        if isinstance(model, str) and model and "model" in said and any(words in said for words in _NO_SUCH_MODEL):
            self._unknown_models.setdefault(exchange.surface, model)
        if "x-user-id" in said and answer.status in (400, 401, 403):
            given = "x-user-id" in exchange.request.headers
            (self._user_id_refused if given else self._user_id_wanted).add(exchange.surface)

    def said(self, surface: SurfaceName) -> str:
        """Repeat in a sentence how the host refused, or where it sent everybody; empty where it did neither."""
        refusal = self._refusals.get(surface, "")
        return self._elsewhere.get(surface, "") or (f"It says: {refusal}" if refusal else "")

    def advice(self, surface: SurfaceName) -> Iterator[str]:
        """Say what to ask for instead, in sentences."""
        if surface in self._other_than_asked:
            yield f"It looks like {_other(surface)}."
        if surface in self._user_id_wanted:
            yield "It wants a user id: give it with --user-id, and --surface on-demand."
        if surface in self._user_id_refused:
            yield "It does not take the user id: is it that of the key's owner? --user-id gives another."
        # Where another model has answered, or that one elsewhere, nobody needs to name one.
        if surface in self._unknown_models and surface not in self._generating:
            yield f"It does not have the model {self._unknown_models[surface]!r}: name one that it serves with --model."


def _words(refusal: Json) -> str:
    """Read what a host says in a refusal, where it says it in a way that is known."""
    value = refusal.get("error", refusal) if isinstance(refusal, dict) else None
    said = next((value[name] for name in _SAYING if name in value), "") if isinstance(value, dict) else value
    return without_keys(said[:_LONGEST]) if isinstance(said, str) else ""


def _other(surface: SurfaceName) -> str:
    if surface is SurfaceName.CONTROL_PLANE:
        return "an inference host: try --surface serverless, or on-demand"
    return "a control plane: try --surface control-plane"
