"""
The operations POST /tokenize and POST /detokenize.

Knows both forms of the first; the numbers agree with the usage of the
generating operations because both apply the same template.
"""

from starlette.responses import Response

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.conversation import Conversation
from tensormesh_local.errors import bad_request
from tensormesh_local.inference.body import read_body
from tensormesh_local.inference.messages import read_messages
from tensormesh_local.inference.surface import RequestContext
from tensormesh_local.inference.thinking import read_thinking
from tensormesh_local.inference.tools import read_tools
from tensormesh_local.json_output import JsonAnswer


def answer_tokenize(context: RequestContext, body: JsonObject) -> Response:
    """Count the tokens of a text, or of a conversation after the template."""
    if body.get("prompt") is not None and body.get("messages") is not None:
        raise bad_request("Send either `prompt` or `messages`, not both.", "prompt")
    fields = read_body("TokenizeRequest", body, either=("prompt", "messages"))
    model = context.surface.model(fields.model)
    if hasattr(fields, "prompt"):
        ids = tokenizer.encode(fields.prompt)
    else:
        tools = read_tools([tool.function for tool in fields.tools or ()])
        talk = Conversation(read_messages(fields.messages), tools)
        ids = talk.prompt(
            thinking=read_thinking(fields).of(model).open, open_turn=fields.add_generation_prompt is not False
        )
    return JsonAnswer(
        {
            "count": len(ids),
            "max_model_len": model.context,
            "tokens": ids,
            "token_strs": [tokenizer.token_text(token) for token in ids] if fields.return_token_strs else None,
        }
    )


def answer_detokenize(context: RequestContext, body: JsonObject) -> Response:
    """Turn token ids back into text; ids beyond the vocabulary stand for nothing."""
    fields = read_body("DetokenizeRequest", body)
    context.surface.model(fields.model)
    return JsonAnswer({"prompt": tokenizer.decode(fields.tokens)})
