"""The pages of the public names of `tensormesh`: which name stands on which page."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

import griffe

from documentation.reference.entries import Entry, first_paragraph, page, summary_of


class Page(NamedTuple):
    """
    A page of public names.

    Attributes:
        module: whose names they are.
        names: in the order of the page; none are all of the module, in the order of the alphabet.
    """

    title: str
    words: str
    module: str
    names: tuple[str, ...] = ()


PAGES = {
    "client": Page(
        "Client and settings",
        """
The clients and what they are made with. All names are imported from `tensormesh`. What each setting does, and which
variable stands in for it, is in [All settings](../guide/settings.md).
""",
        "tensormesh",
        (
            "Tensormesh",
            "AsyncTensormesh",
            "ClientConfig",
            "Timeout",
            "RetryPolicy",
            "Attempt",
            "Response",
            "AsyncBufferedResponse",
            "UNSET",
            "DEFAULT_CONTROL_PLANE_BASE_URL",
            "DEFAULT_SERVERLESS_BASE_URL",
            "DEFAULT_MAX_RETRIES",
            "DEFAULT_TIMEOUT_SECONDS",
            "DEFAULT_TOTAL_TIMEOUT_SECONDS",
            "DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS",
            "ENV_CA_BUNDLE",
            "ENV_CONTROL_PLANE_BASE_URL",
            "ENV_CONTROL_PLANE_TOKEN",
            "ENV_INFERENCE_API_KEY",
            "ENV_MAX_RETRIES",
            "ENV_ON_DEMAND_BASE_URL",
            "ENV_ON_DEMAND_USER_ID",
            "ENV_SERVERLESS_BASE_URL",
            "ENV_TIMEOUT_SECONDS",
        ),
    ),
    "streams": Page(
        "Streams",
        """
What a call gives with `stream=True`. The guide shows how they are read: [Streaming](../guide/streaming.md).
""",
        "tensormesh",
        ("ChatCompletionStream", "AsyncChatCompletionStream", "Stream", "AsyncStream", "AsyncStreamResponse"),
    ),
    "tools": Page(
        "Tools",
        """
Python functions as tools of a model. The guide shows them at work: [Tools](../guide/tools.md).
""",
        "tensormesh",
        ("tool", "FunctionTool", "ToolRun", "ToolCall"),
    ),
    "costs": Page(
        "Costs",
        """
What answers cost. See [Usage, cached tokens and money](../guide/usage-and-cost.md).
""",
        "tensormesh",
        ("RunningCost",),
    ),
    "errors": Page(
        "Errors",
        """
All of them are in `tensormesh.errors`, and in `tensormesh` itself. Which comes when is a table of the guide:
[Errors](../guide/errors.md).
""",
        "tensormesh.errors",
    ),
    "langchain": Page(
        "LangChain",
        """
The names of `tensormesh_langchain`, which comes with the extra `langchain`. The guide:
[With LangChain](../guide/langchain.md).
""",
        "tensormesh_langchain",
    ),
    "pydantic-ai": Page(
        "pydantic-ai",
        """
The names of `tensormesh_pydantic_ai`, which comes with the extra `pydantic-ai`. The guide:
[With pydantic-ai](../guide/pydantic-ai.md).
""",
        "tensormesh_pydantic_ai",
    ),
    "batch": Page(
        "Batches",
        """
The names of `tensormesh.batch`. The guide: [Batches](../guide/batch.md).
""",
        "tensormesh.batch",
    ),
}

MODULES = ("batch", "errors", "types")
"""Names of `tensormesh` that are modules, with pages of their own."""

EXTRAS = ("tensormesh_langchain", "tensormesh_pydantic_ai")
"""What imports large packages of others when a name of it is first used."""


def entries(name: str) -> Iterator[Entry]:
    """What stands on a page."""
    found = PAGES[name]
    module = import_module(found.module)
    for public in found.names or sorted(module.__all__):
        yield Entry(public, f"{found.module}.{public}", _summary(module, public))


def _summary(module: ModuleType, name: str) -> str:
    """What a name is; to read it where it is written, as mkdocstrings does, spares the import of an extra."""
    if module.__name__ not in EXTRAS:
        return summary_of(getattr(module, name))
    docstring = griffe.load(module.__name__)[name].docstring
    return first_paragraph(docstring.value if docstring else None)


def text(name: str) -> str:
    """The text of a page."""
    return page(PAGES[name].title, PAGES[name].words, entries(name))
