"""
The operation POST /v1/chat/completions.

Knows the way from a body to an answer, whole or streamed; fields, words and
shapes are other files' business.
"""

from starlette.responses import Response

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.engine.answer import answer
from tensormesh_local.engine.generation import Generation, generate
from tensormesh_local.inference.chat.answer import ChatAnswer, completion
from tensormesh_local.inference.chat.request import read_chat
from tensormesh_local.inference.chat.stream import chunks
from tensormesh_local.inference.sampling import check_context_length, check_total
from tensormesh_local.inference.surface import RequestContext, random_id
from tensormesh_local.inference.usage import Usage
from tensormesh_local.json_output import JsonAnswer
from tensormesh_local.sse import EventStream


def answer_chat(context: RequestContext, body: JsonObject) -> Response:
    """Answer a chat request, whole or streamed."""
    request = read_chat(context, body)
    prompt = request.conversation.prompt(thinking=request.thinking.open)
    token_budget = check_context_length(request.model, len(prompt), request.sampling)
    cache = context.surface.match_cache(request.model, request.sampling, prompt)
    choices: list[Generation] = []
    total_tokens = 0
    for index in range(request.sampling.n):
        choices.append(
            generate(
                answer(request.generation_request(index)),
                request.sampling,
                token_budget,
                leak_think=context.presentation.leak_think,
                forced=request.tools.mode == "named",
            )
        )
        total_tokens += len(choices[-1].steps) + (len(prompt) if request.token_ids else 0)
        check_total(request.sampling, total_tokens)
    call_ids = tuple(tuple(f"chatcmpl-tool-{random_id()}" for _ in choice.calls) for choice in choices)
    full = ChatAnswer(
        context.new_id("chatcmpl-", request.id),
        context,
        request,
        prompt,
        Usage.of(len(prompt), cache, choices, multimodal=request.conversation.image_tokens),
        tuple(choices),
        call_ids,
    )
    if request.stream:
        return EventStream(chunks(full), context.surface.options.pace_seconds, full.usage.tokens())
    return JsonAnswer(completion(full))
