"""What five frameworks lose that take Tensormesh for OpenAI, and how the guide has them keep it."""

from __future__ import annotations

import os
import re
import runpy
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tensormesh_local import LocalHost, Options
from tests.interplay.conftest import KEY
from tests.interplay.frameworks import (
    HELLO,
    RHINE,
    LlamaIndex,
    River,
    asked,
    counted,
    dspy,
    dspy_stream,
    instructor,
    last_piece,
    partial,
    predicted,
    run,
    smolagents,
    structured,
    usage,
)
from tests.interplay.installed import LIBRARIES
from tests.project.test_snippets import Block, find_blocks
from tests.promises.test_tables import ROOT

DOCUMENT = Path(ROOT) / "docs" / "guide" / "frameworks.md"
MODULES = {
    "LlamaIndex": "llama_index.llms.openai_like",
    "instructor": "instructor",
    "openai-agents": "agents",
    "DSPy": "dspy",
    "smolagents": "smolagents",
}
"""The columns of the table, and what is imported for each."""

USER = "7993e867-8270-4bbd-94ba-91c34dd12342"
HEADERS = {"X-User-Id": USER}
COUNTED = {"include_usage": True}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "River", "schema": River.model_json_schema()}}

Look = Callable[[LocalHost], Any]


def tries(host: LocalHost, call: Callable[[], Any]) -> int:
    """How often a call is sent that the host turns away."""
    host.faults.add({"status": 429, "headers": {"Retry-After": "0"}, "times": None})
    with pytest.raises(Exception, match=r"429|[Rr]ate"):
        call()
    return len(host.requests)


def user(host: LocalHost, call: Callable[[], Any]) -> str | None:
    """By which user a call says that it is made."""
    call()
    return host.requests[-1].headers.get("x-user-id")


def refused(call: Callable[[], Any]) -> bool:
    with pytest.raises(Exception, match="json_schema"):
        call()
    return True


def cached(details: Any) -> bool:
    return details.cached_tokens > 0


def second(call: Callable[[], Any]) -> Any:
    """What is answered to what was asked before."""
    call()
    return call()


def reasoned(answer: Any) -> bool:
    return bool(answer.choices[0].message.reasoning)


ROWS: dict[str, dict[str, list[tuple[Look, Any]]]] = {
    "the thought of an answer": {
        "LlamaIndex": [
            (lambda host: [block.block_type for block in LlamaIndex(host).ask().message.blocks], ["thinking", "text"]),
        ],
        "instructor": [
            (lambda host: [*structured(instructor(host))[0].model_dump()], ["name"]),
            (lambda host: reasoned(structured(instructor(host))[1]), True),
        ],
        "openai-agents": [
            (
                lambda host: [type(item).__name__ for item in run(host).new_items],
                ["ReasoningItem", "MessageOutputItem"],
            ),
        ],
        "DSPy": [
            (lambda host: bool(dspy()(HELLO)[0]["reasoning_content"]), True),
            (lambda host: [*predicted(dspy(), told=True).keys()], ["answer"]),
        ],
        "smolagents": [
            (lambda host: hasattr(asked(smolagents(host)), "reasoning"), False),
            (lambda host: reasoned(asked(smolagents(host)).raw), True),
        ],
    },
    "the tokens of a stream": {
        "LlamaIndex": [
            (lambda host: LlamaIndex(host).stream().raw.usage, None),
            (lambda host: LlamaIndex(host).stream(stream_options=COUNTED).raw.usage.total_tokens > 0, True),
        ],
        "instructor": [
            (lambda host: type(partial(instructor(host))).model_fields.keys(), {"name"}),
            (lambda host: [partial(instructor(host)), "stream_options" in host.requests[-1].body][-1], False),
        ],
        "openai-agents": [
            (lambda host: usage(run(host, stream=True)).total_tokens, 0),
            (
                lambda host: usage(
                    run(host, stream=True, model_settings=import_module("agents").ModelSettings(include_usage=True))
                ).total_tokens > 0,
                True,
            ),
        ],
        "DSPy": [(lambda host: dspy_stream(dspy())["total_tokens"] > 0, True)],
        "smolagents": [
            (lambda host: last_piece(smolagents(host)).token_usage.total_tokens > 0, True),
        ],
    },
    "the cached tokens": {
        "LlamaIndex": [
            (lambda host: "cached_tokens" in str(LlamaIndex(host).ask().additional_kwargs), False),
            (lambda host: cached(second(LlamaIndex(host).ask).raw.usage.prompt_tokens_details), True),
        ],
        "instructor": [
            (
                lambda host: cached(
                    second(lambda: structured(instructor(host), HELLO + RHINE))[1].usage.prompt_tokens_details
                ),
                True,
            ),
        ],
        "openai-agents": [
            (lambda host: cached(usage(second(lambda: run(host))).input_tokens_details), True),
        ],
        "DSPy": [
            (lambda host: second(lambda: counted(dspy()))["usage"]["prompt_tokens_details"]["cached_tokens"] > 0, True),
        ],
        "smolagents": [
            (lambda host: "cached" in str(asked(smolagents(host)).token_usage), False),
            (lambda host: cached(second(lambda: asked(smolagents(host))).raw.usage.prompt_tokens_details), True),
        ],
    },
    "what an answer cost": {
        "LlamaIndex": [(lambda host: "cost" in LlamaIndex(host).ask().raw.to_dict(), False)],
        "instructor": [(lambda host: "cost" in structured(instructor(host))[1].to_dict(), False)],
        "openai-agents": [(lambda host: hasattr(usage(run(host)), "cost"), False)],
        "DSPy": [
            (lambda host: counted(dspy())["cost"] > 0, True),
            (
                lambda host: counted(dspy("openai", api_base=f"{host.serverless_base_url}/v1", api_key=KEY))["cost"],
                None,
            ),
        ],
        "smolagents": [(lambda host: "cost" in str(asked(smolagents(host)).dict()), False)],
    },
    "output of a type": {
        "LlamaIndex": [
            (lambda host: LlamaIndex(host).model.as_structured_llm(River).complete(RHINE).raw, River(name="Rhine")),
            (
                lambda host: refused(
                    lambda: LlamaIndex(host, should_use_structured_outputs=True)
                    .model.as_structured_llm(River)
                    .complete(RHINE)
                ),
                True,
            ),
        ],
        "instructor": [(lambda host: structured(instructor(host))[0].name, "Rhine")],
        "openai-agents": [
            (lambda host: refused(lambda: run(host, RHINE, output_type=River)), True),
            (
                lambda host: run(host, RHINE, kind="OpenAIResponsesModel", output_type=River).final_output,
                River(name="Rhine"),
            ),
        ],
        "DSPy": [
            (lambda host: refused(lambda: predicted(dspy())), True),
            (lambda host: predicted(dspy(), told=True).answer, "Rhine"),
        ],
        "smolagents": [
            (lambda host: refused(lambda: asked(smolagents(host), RHINE, response_format=SCHEMA)), True),
            (
                lambda host: asked(smolagents(host), RHINE, response_format={"type": "json_object"}).content[:1], "{"
            ),
        ],
    },
    "a call that is turned away": {
        "LlamaIndex": [
            (lambda host: tries(host, LlamaIndex(host).ask) > 1, True),
            (lambda host: tries(host, LlamaIndex(host, max_retries=0).ask), 1),
        ],
        "instructor": [
            (lambda host: tries(host, lambda: structured(instructor(host))) > 1, True),
            (lambda host: tries(host, lambda: structured(instructor(host, max_retries=0))), 1),
        ],
        "openai-agents": [
            (lambda host: tries(host, lambda: run(host)) > 1, True),
            (lambda host: tries(host, lambda: run(host, settings={"max_retries": 0})), 1),
        ],
        "DSPy": [
            (lambda host: tries(host, lambda: dspy(num_retries=1)(HELLO)) > 1, True),
            (lambda host: tries(host, lambda: dspy(num_retries=0)(HELLO)), 1),
        ],
        "smolagents": [
            (lambda host: tries(host, lambda: asked(smolagents(host, retry=False))) > 1, True),
            (
                lambda host: tries(
                    host, lambda: asked(smolagents(host, retry=False, client_kwargs={"max_retries": 0}))
                ),
                1,
            ),
        ],
    },
    "who calls, on demand": {
        "LlamaIndex": [(lambda host: user(host, LlamaIndex(host, default_headers=HEADERS).ask), USER)],
        "instructor": [(lambda host: user(host, lambda: structured(instructor(host, default_headers=HEADERS))), USER)],
        "openai-agents": [(lambda host: user(host, lambda: run(host, settings={"default_headers": HEADERS})), USER)],
        "DSPy": [(lambda host: user(host, lambda: dspy(extra_headers=HEADERS)(HELLO)), USER)],
        "smolagents": [
            (
                lambda host: user(
                    host, lambda: asked(smolagents(host, client_kwargs={"default_headers": HEADERS}))
                ),
                USER,
            )
        ],
    },
}  # fmt: skip
"""What is looked at, as a program has it that was told nothing, and as the recipe has it; and what is found."""

CELLS = [(row, column) for row in ROWS for column in MODULES]


def needed(column: str) -> None:
    if MODULES[column] not in os.environ.get(LIBRARIES, "").split():
        pytest.skip(f"`make interplay` runs it, in an environment with {column}")


@pytest.mark.parametrize(("row", "column"), CELLS)
def test_a_cell_of_the_table_is_so(host: LocalHost, row: str, column: str) -> None:
    needed(column)
    for look, expected in ROWS[row][column]:
        host.reset()

        assert look(host) == expected


def test_the_table_of_the_guide_has_these_cells() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").partition("## What is lost")[2].partition("\n## ")[0]
    head, _, *rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]

    assert [cell for cell in head if cell] == [*MODULES]
    assert [row[0] for row in rows] == [*ROWS]
    assert {len(row) for row in rows} == {len(MODULES) + 1}
    assert {row: [*cells] for row, cells in ROWS.items()} == {row: [*MODULES] for row in ROWS}


@pytest.mark.parametrize("column", ["LlamaIndex", "openai-agents", "DSPy", "smolagents"])
def test_a_host_that_allows_schemas_refuses_none(column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    needed(column)
    asking: dict[str, Look] = {
        "LlamaIndex": lambda host: (
            LlamaIndex(host, should_use_structured_outputs=True).model.as_structured_llm(River).complete(RHINE).raw
        ),
        "openai-agents": lambda host: run(host, RHINE, output_type=River).final_output,
        "DSPy": lambda host: River(name=predicted(dspy()).answer),
        "smolagents": lambda host: River.model_validate_json(
            asked(smolagents(host), RHINE, response_format=SCHEMA).content
        ),
    }
    with LocalHost(Options(allow_json_schema=True, inference_api_key=KEY)) as lenient:
        monkeypatch.setenv("TENSORMESH_INFERENCE_API_KEY", KEY)
        monkeypatch.setenv("TENSORMESH_SERVERLESS_BASE_URL", f"{lenient.serverless_base_url}/v1")

        assert type(asking[column](lenient)) is River


BLOCKS = find_blocks(DOCUMENT.name, DOCUMENT.read_text(encoding="utf-8"))
PROGRAMS = [(one, other) for one, other in pairwise(BLOCKS) if one.language == "python"]


@pytest.mark.parametrize(("program", "printed"), PROGRAMS, ids=[str(program) for program, _ in PROGRAMS])
def test_a_program_of_the_document_prints_what_it_says(
    program: Block,
    printed: Block,
    host: LocalHost,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (column,) = [one for one, module in MODULES.items() if re.search(rf"^(import|from) {module}\b", program.code, re.M)]
    needed(column)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{host.serverless_base_url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    file = tmp_path / "program.py"
    file.write_text(program.code, encoding="utf-8")

    runpy.run_path(str(file), run_name="__main__")

    assert printed.language == "text"
    assert capsys.readouterr().out.splitlines() == printed.code.splitlines()


def test_every_framework_has_a_program() -> None:
    assert len(PROGRAMS) == len(MODULES)
