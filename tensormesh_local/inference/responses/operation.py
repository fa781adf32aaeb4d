"""
The operation POST /v1/responses.

Knows the way from a body to an answer, whole or streamed; does not keep
responses for later.
"""

from starlette.responses import Response

from tensormesh_local.engine.answer import answer
from tensormesh_local.engine.generation import generate
from tensormesh_local.inference.responses.answer import ResponsesAnswer, items_of, response_object
from tensormesh_local.inference.responses.request import read_responses
from tensormesh_local.inference.responses.stream import events
from tensormesh_local.inference.sampling import check_room
from tensormesh_local.inference.surface import Turn
from tensormesh_local.inference.usage import Usage
from tensormesh_local.json_values import JsonAnswer, JsonObject
from tensormesh_local.sse import EventStream


def answer_responses(turn: Turn, body: JsonObject) -> Response:
    """Answer a responses request, whole or streamed."""
    request = read_responses(turn, body)
    prompt = request.conversation.prompt(thinking=request.thinking.open)
    room = check_room(request.model, len(prompt), request.sampling)
    hit = turn.surface.visit_cache(request.model, request.sampling, prompt)
    said = generate(answer(request.ask()), request.sampling, room, leak_think=turn.presentation.leak_think)
    full = ResponsesAnswer(
        turn.new_id("resp_"),
        turn.created,
        request,
        said,
        Usage.of(len(prompt), hit, [said]),
        items_of(said, hidden=request.thinking.hidden),
    )
    if request.stream:
        return EventStream(events(full), turn.surface.options.pace_seconds, full.usage.tokens())
    return JsonAnswer(response_object(full, done=True, streamed=False))
