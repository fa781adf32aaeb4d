"""
The operation POST /v1/chat/completions.

Knows the way from a body to an answer, whole or streamed; fields, words and
shapes are other files' business.
"""

from starlette.responses import Response

from tensormesh_local.engine.answer import answer
from tensormesh_local.engine.generation import Generation, generate
from tensormesh_local.inference.chat.answer import ChatAnswer, completion
from tensormesh_local.inference.chat.request import read_chat
from tensormesh_local.inference.chat.stream import chunks
from tensormesh_local.inference.sampling import check_room, check_total
from tensormesh_local.inference.surface import Turn, fresh
from tensormesh_local.inference.usage import Usage
from tensormesh_local.json_values import JsonAnswer, JsonObject
from tensormesh_local.sse import EventStream


def answer_chat(turn: Turn, body: JsonObject) -> Response:
    """Answer a chat request, whole or streamed."""
    request = read_chat(turn, body)
    prompt = request.conversation.prompt(thinking=request.thinking.open)
    room = check_room(request.model, len(prompt), request.sampling)
    hit = turn.surface.visit_cache(request.model, request.sampling, prompt)
    choices: list[Generation] = []
    told = 0
    for index in range(request.sampling.n):
        choices.append(
            generate(
                answer(request.ask(index)),
                request.sampling,
                room,
                leak_think=turn.presentation.leak_think,
                named=request.tools.mode == "named",
            )
        )
        told += len(choices[-1].steps) + (len(prompt) if request.token_ids else 0)
        check_total(request.sampling, told)
    call_ids = tuple(tuple(f"chatcmpl-tool-{fresh()}" for _ in choice.calls) for choice in choices)
    full = ChatAnswer(
        turn.new_id("chatcmpl-", request.id),
        turn,
        request,
        prompt,
        Usage.of(len(prompt), hit, choices, multimodal=request.conversation.image_tokens),
        tuple(choices),
        call_ids,
    )
    if request.stream:
        return EventStream(chunks(full), turn.surface.options.pace_seconds, full.usage.tokens())
    return JsonAnswer(completion(full))
