"""
The operation POST /v1/responses.

Knows the way from a body to an answer, whole or streamed; does not keep
responses for later.
"""

from starlette.responses import Response

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.engine.answer import answer
from tensormesh_local.engine.generation import generate
from tensormesh_local.inference.responses.answer import ResponsesAnswer, items_of, response_object
from tensormesh_local.inference.responses.request import read_responses
from tensormesh_local.inference.responses.stream import events
from tensormesh_local.inference.sampling import check_context_length
from tensormesh_local.inference.surface import RequestContext
from tensormesh_local.inference.usage import Usage
from tensormesh_local.json_output import JsonAnswer
from tensormesh_local.sse import EventStream


def answer_responses(context: RequestContext, body: JsonObject) -> Response:
    """Answer a responses request, whole or streamed."""
    request = read_responses(context, body)
    prompt = request.conversation.prompt(thinking=request.thinking.open)
    token_budget = check_context_length(request.model, len(prompt), request.sampling)
    cache = context.surface.match_cache(request.model, request.sampling, prompt)
    said = generate(
        answer(request.generation_request()), request.sampling, token_budget, leak_think=context.presentation.leak_think
    )
    full = ResponsesAnswer(
        context.new_id("resp_"),
        context.created,
        request,
        said,
        Usage.of(len(prompt), cache, [said]),
        items_of(said, hidden=request.thinking.hidden),
    )
    if request.stream:
        return EventStream(events(full), context.surface.options.pace_seconds, full.usage.tokens())
    return JsonAnswer(response_object(full, done=True, streamed=False))
