"""
The operations POST /tokenize and POST /detokenize.

Knows both forms of the first; the numbers agree with the usage of the
generating operations because both apply the same template.
"""

from starlette.responses import Response

from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.conversation import Conversation
from tensormesh_local.errors import bad_request
from tensormesh_local.inference.documented import check_documented
from tensormesh_local.inference.messages import read_messages
from tensormesh_local.inference.surface import Turn
from tensormesh_local.inference.thinking import read_thinking
from tensormesh_local.inference.tools import read_tool_use
from tensormesh_local.validation import Reader
from tensormesh_local.wire import JsonAnswer, JsonObject


def answer_tokenize(turn: Turn, body: JsonObject) -> Response:
    """Count the tokens of a text, or of a conversation after the template."""
    reader = Reader(body)
    name = reader.required_text("model")
    strings = bool(reader.flag("return_token_strs"))
    has_prompt, has_messages = (body.get(k) is not None for k in ("prompt", "messages"))
    if has_prompt and has_messages:
        raise bad_request("Send either `prompt` or `messages`, not both.", "prompt")
    text, talk = "", None
    if has_messages:
        add_turn = reader.flag("add_generation_prompt")
        tools = read_tool_use(reader, flat=False).tools if body.get("tools") else ()
        thinking = read_thinking(reader)
        talk = Conversation(read_messages(reader), tools)
    elif has_prompt:
        text = reader.required_text("prompt")
        if reader.problems:
            reader.missing("messages")
        add_turn, thinking = None, read_thinking(Reader({}))
    else:
        reader.missing("prompt")
        reader.missing("messages")
        add_turn, thinking = None, read_thinking(Reader({}))
    check_documented(reader, "TokenizeRequest")
    reader.finish()
    model = turn.surface.model(name)
    if talk is None:
        ids = tokenizer.encode(text)
    else:
        ids = talk.prompt(thinking=thinking.of(model).open, open_turn=add_turn is not False)
    return JsonAnswer(
        {
            "count": len(ids),
            "max_model_len": model.context,
            "tokens": ids,
            "token_strs": [tokenizer.token_text(token) for token in ids] if strings else None,
        }
    )


def answer_detokenize(turn: Turn, body: JsonObject) -> Response:
    """Turn token ids back into text; ids beyond the vocabulary stand for nothing."""
    reader = Reader(body)
    name = reader.required_text("model")
    if body.get("tokens") is None:
        reader.missing("tokens")
    ids = reader.integers("tokens", least=0)
    check_documented(reader, "DetokenizeRequest")
    reader.finish()
    turn.surface.model(name)
    return JsonAnswer({"prompt": tokenizer.decode(ids)})
