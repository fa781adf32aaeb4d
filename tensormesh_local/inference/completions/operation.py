"""
The operation POST /v1/completions: text in, more text out.

Knows the way from a body to an answer; does not reason, call tools or
apply a template.
"""

from starlette.responses import Response

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.answer import Answer, formatted, variant_of
from tensormesh_local.engine.conversation import Conversation, Message
from tensormesh_local.engine.generation import generate
from tensormesh_local.engine.prefix_cache import CacheMatch
from tensormesh_local.engine.replies import continuation
from tensormesh_local.inference.completions.answer import Choice, CompletionAnswer
from tensormesh_local.inference.completions.request import read_completion
from tensormesh_local.inference.sampling import check_context_length, check_total
from tensormesh_local.inference.surface import RequestContext
from tensormesh_local.inference.usage import Usage
from tensormesh_local.json_output import JsonAnswer
from tensormesh_local.sse import EventStream


def answer_completion(context: RequestContext, body: JsonObject) -> Response:
    """Answer a completion request, whole or streamed."""
    request = read_completion(context, body)
    sampling = request.sampling
    budgets = [check_context_length(request.model, len(p), sampling) for p in request.prompts]
    matches = [context.surface.match_cache(request.model, sampling, [*p]) for p in request.prompts]
    choices: list[Choice] = []
    total_tokens = 0
    for prompt, token_budget in zip(request.prompts, budgets, strict=True):
        text = tokenizer.decode(prompt)
        for index in range(sampling.n):
            variant = variant_of(greedy=sampling.greedy, seed=sampling.seed, index=index)
            formed = formatted(request.output_format, Conversation((Message("user", text),)), variant)
            said = generate(Answer(continuation(text, variant) if formed is None else formed), sampling, token_budget)
            choices.append(Choice(prompt, said))
            total_tokens += len(said.steps) + (len(prompt) if request.echo or request.token_ids else 0)
            check_total(sampling, total_tokens)
    cache = CacheMatch(sum(match.cached for match in matches), sum(match.created for match in matches))
    usage = Usage.of(sum(map(len, request.prompts)), cache, [c.generation for c in choices])
    shape = CompletionAnswer(context.new_id("cmpl-", request.id), context.created, request, usage)
    if request.stream:
        return EventStream(shape.events(choices), context.surface.options.pace_seconds, usage.tokens())
    return JsonAnswer(shape.whole(choices))
