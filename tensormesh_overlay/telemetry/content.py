"""
Prompts and answers, for spans, where they are asked for: the messages of all APIs in the one form of the conventions.

Of parts that are no text, such as images, the kind is told, and not what is in them.
"""

from __future__ import annotations

import json
from typing import Any

from tensormesh_overlay.telemetry import conventions as names
from tensormesh_overlay.telemetry.answers import finish_reasons
from tensormesh_overlay.telemetry.requests import whole
from tensormesh_runtime.json_model import JsonModel

Part = dict[str, Any]

_TEXTS = frozenset({"text", "input_text", "output_text", "reasoning_text", "summary_text"})


def request_content(body: dict[str, Any]) -> dict[str, str]:
    """What was asked, as attributes: messages, instructions and tools as JSON."""
    told: dict[str, Any] = {}
    if "messages" in body:
        told[names.INPUT_MESSAGES] = [_message(one) for one in _list(body["messages"])]
    elif "input" in body:
        told[names.INPUT_MESSAGES] = [_item(one) for one in _list(body["input"])]
    elif "prompt" in body:
        told[names.INPUT_MESSAGES] = [{"role": "user", "parts": _parts(one)} for one in _prompts(body["prompt"])]
    if body.get("instructions"):
        told[names.SYSTEM_INSTRUCTIONS] = _parts(body["instructions"])
    if body.get("tools"):
        told[names.TOOL_DEFINITIONS] = [_tool(one) for one in _objects(body["tools"])]
    return _as_json(told)


def answer_content(answer: Any) -> dict[str, str]:
    """What was answered, as an attribute."""
    data = answer.to_dict() if isinstance(answer, JsonModel) else answer
    if not isinstance(data, dict) or not data.keys() & {"choices", "output"}:
        return {}
    reasons = finish_reasons(data)
    if "choices" in data:
        messages = [_choice(one) for one in _list(data["choices"])]
    else:
        parts = [part for one in _list(data.get("output") or []) for part in _item(one)["parts"]]
        messages = [{"role": "assistant", "parts": parts, "finish_reason": "".join(reasons)}]
    return _as_json({names.OUTPUT_MESSAGES: messages})


def _as_json(told: dict[str, Any]) -> dict[str, str]:
    return {name: whole(json.dumps(value, ensure_ascii=False, default=str)) for name, value in told.items()}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _prompts(prompt: Any) -> list[Any]:
    """The prompts of a completion. One that is made of tokens is a part without text."""
    tokens = isinstance(prompt, list) and any(isinstance(one, int) for one in prompt)
    prompts = [prompt] if tokens else _list(prompt)
    return [[{"type": "tokens"}] if isinstance(one, list) else one for one in prompts]


def _choice(choice: Any) -> Part:
    choice = choice if isinstance(choice, dict) else {}
    message = choice.get("message") or {"role": "assistant", "content": choice.get("text")}
    return {**_message(message), "finish_reason": str(choice.get("finish_reason") or "")}


def _message(message: Any) -> Part:
    """A message of a chat."""
    if not isinstance(message, dict):
        return {"role": "user", "parts": _parts(message)}
    role = str(message.get("role") or "")
    if role == "tool":
        return {"role": role, "parts": [_result(message.get("tool_call_id"), message.get("content"))]}
    thought = message.get("reasoning") or message.get("reasoning_content")
    thoughts = [{"type": "reasoning", "content": thought}] if thought else []
    calls = [_call(call.get("id"), call.get("function")) for call in _objects(message.get("tool_calls"))]
    return {"role": role, "parts": [*thoughts, *_parts(message.get("content")), *calls]}


def _item(item: Any) -> Part:
    """An item of a response: a message, a thought, the call of a tool, or what that gave."""
    if not isinstance(item, dict):
        return {"role": "user", "parts": _parts(item)}
    match item.get("type"):
        case "function_call":
            return {"role": "assistant", "parts": [_call(item.get("call_id"), item)]}
        case "function_call_output":
            return {"role": "tool", "parts": [_result(item.get("call_id"), item.get("output"))]}
        case "reasoning":
            parts = _parts(item.get("content") or item.get("summary"))
            return {"role": "assistant", "parts": [{**part, "type": "reasoning"} for part in parts]}
        case _:
            return {"role": str(item.get("role") or "assistant"), "parts": _parts(item.get("content"))}


def _tool(tool: Part) -> Part:
    """A tool; those of chats have what is said of the function within."""
    function = tool.get("function")
    return {"type": tool.get("type"), **function} if isinstance(function, dict) else tool


def _call(name: Any, function: Any) -> Part:
    function = function if isinstance(function, dict) else {}
    return {"type": "tool_call", "id": name, "name": function.get("name"), "arguments": function.get("arguments")}


def _result(name: Any, said: Any) -> Part:
    """What a tool gave: a text, or parts of which pictures may be some."""
    response = _parts(said) if isinstance(said, list | dict) else said
    return {"type": "tool_call_response", "id": name, "response": response}


def _parts(content: Any) -> list[Part]:
    if content is None or content == "":
        return []
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        return [{"type": "text", "content": content}]
    return [
        {"type": "text", "content": part.get("text")} if part.get("type") in _TEXTS else {"type": str(part.get("type"))}
        for part in _objects(content)
    ]


def _objects(value: Any) -> list[Part]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
