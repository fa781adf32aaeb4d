"""
Tensormesh in LangChain: a chat model over the clients of this package.

    from tensormesh_langchain import ChatTensormesh

    model = ChatTensormesh(model="openai/gpt-oss-20b")
    print(model.invoke("Say hello in one sentence.").text)

It needs `langchain-core`, which the extra `langchain` installs.
"""

from tensormesh_langchain.chat_model import ChatTensormesh

__all__ = ["ChatTensormesh"]
