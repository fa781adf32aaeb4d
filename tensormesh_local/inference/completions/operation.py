"""
The operation POST /v1/completions: text in, more text out.

Knows the way from a body to an answer; does not reason, call tools or
apply a template.
"""

from starlette.responses import Response

from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.answer import Answer, in_form, variant_of
from tensormesh_local.engine.conversation import Conversation, Message
from tensormesh_local.engine.generation import generate
from tensormesh_local.engine.prefix_cache import Hit
from tensormesh_local.engine.replies import continuation
from tensormesh_local.inference.completions.answer import Choice, CompletionAnswer
from tensormesh_local.inference.completions.request import read_completion
from tensormesh_local.inference.sampling import check_room, check_total
from tensormesh_local.inference.surface import Turn
from tensormesh_local.inference.usage import Usage
from tensormesh_local.json_values import JsonAnswer, JsonObject
from tensormesh_local.sse import EventStream


def answer_completion(turn: Turn, body: JsonObject) -> Response:
    """Answer a completion request, whole or streamed."""
    request = read_completion(turn, body)
    sampling = request.sampling
    rooms = [check_room(request.model, len(p), sampling) for p in request.prompts]
    hits = [turn.surface.visit_cache(request.model, sampling, [*p]) for p in request.prompts]
    choices: list[Choice] = []
    told = 0
    for prompt, room in zip(request.prompts, rooms, strict=True):
        text = tokenizer.decode(prompt)
        for index in range(sampling.n):
            variant = variant_of(greedy=sampling.greedy, seed=sampling.seed, index=index)
            formed = in_form(request.form, Conversation((Message("user", text),)), variant)
            said = generate(Answer(continuation(text, variant) if formed is None else formed), sampling, room)
            choices.append(Choice(prompt, said))
            told += len(said.steps) + (len(prompt) if request.echo or request.token_ids else 0)
            check_total(sampling, told)
    hit = Hit(sum(hit.cached for hit in hits), sum(hit.created for hit in hits))
    usage = Usage.of(sum(map(len, request.prompts)), hit, [c.generation for c in choices])
    shape = CompletionAnswer(turn.new_id("cmpl-", request.id), turn.created, request, usage)
    if request.stream:
        return EventStream(shape.events(choices), turn.surface.options.pace_seconds, usage.tokens())
    return JsonAnswer(shape.whole(choices))
