"""
Tensormesh in LangChain: a chat model over the clients of this package.

    from tensormesh_langchain import ChatTensormesh

    model = ChatTensormesh(model="openai/gpt-oss-20b")
    print(model.invoke("Say hello in one sentence.").text)

It is loaded when it is first used: only then is it felt that the extra `langchain` is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensormesh_langchain.chat_model import ChatTensormesh

__all__ = ["ChatTensormesh"]

# Not `tensormesh[langchain]`: under that name, the index has another package, which would take the place of this one.
INSTALL = "pip install langchain-core; or, in a clone of this project, pip install '.[langchain]'"


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from tensormesh_langchain.chat_model import ChatTensormesh
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{error.msg}, which the chat model for LangChain needs: {INSTALL}", name=error.name
        ) from error
    globals()[name] = ChatTensormesh
    return ChatTensormesh
