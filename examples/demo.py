"""
The main job from end to end, against a Tensormesh on this machine: `make demo`.

Everything printed comes from the running host, and the order is that of the README: a call, the same awaited, a stream,
tools, a call on each surface, an object that goes to JSON and back, a batch, a mistake, and the plain functions below.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tensormesh import AsyncTensormesh, Tensormesh, batch, errors
from tensormesh_generated import api
from tensormesh_generated.models import ChatCompletionRequest, ChatMessage, ServerlessPricing

SERVERLESS_MODEL = "openai/gpt-oss-20b"

BOLD, DIM, GREEN, RESET = ("\033[1m", "\033[2m", "\033[32m", "\033[0m") if sys.stdout.isatty() else ("", "", "", "")


@contextmanager
def local_host() -> Iterator[dict[str, str]]:
    """A Tensormesh of one's own for the length of the block: the variables that point a client at it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "env"
        command = [sys.executable, "-m", "tensormesh_local", "--port", "0", "--env-file", str(file)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                while not file.exists():
                    if process.poll() is not None:
                        raise SystemExit(f"demo: the local host did not start (exit code {process.returncode})")
                    time.sleep(0.02)
                yield variables(file)
            finally:
                process.send_signal(signal.SIGINT)


def variables(file: Path) -> dict[str, str]:
    """The `export NAME=value` lines of an environment file."""
    import shlex

    words = (line.removeprefix("export ") for line in file.read_text().splitlines() if line.startswith("export "))
    return {name: "".join(shlex.split(value)) for name, _, value in (word.partition("=") for word in words)}


def show(title: str, code: str, *lines: str) -> None:
    print(f"\n{BOLD}{title}{RESET}\n  {DIM}{code}{RESET}")
    for line in lines:
        for piece in textwrap.wrap(line, 92) or [""]:
            print(f"    {piece}")


def text(content: object) -> str:
    return str(content).strip()


def first_call(client: Tensormesh) -> None:
    answer = client.inference.serverless.chat.completions.create(
        model=SERVERLESS_MODEL,
        messages=[{"role": "user", "content": "What is the capital of France?"}],
    )
    usage = answer.usage
    show(
        "A call",
        'client.inference.serverless.chat.completions.create(model="openai/gpt-oss-20b", messages=[...])',
        text(answer.choices[0].message.content),
        f"{usage.prompt_tokens if usage else '?'} + {usage.completion_tokens if usage else '?'} tokens, "
        f"request {answer.request_id}",
    )


async def several_at_once() -> None:
    async with AsyncTensormesh() as client:
        calls = [
            client.inference.serverless.chat.completions.create(
                model=SERVERLESS_MODEL, messages=[{"role": "user", "content": f"What is 17 * {n}?"}]
            )
            for n in (20, 22, 24)
        ]
        answers = await asyncio.gather(*calls)
    show(
        "Three of them at once, awaited",
        "await asyncio.gather(*(client.inference.serverless.chat.completions.create(...) for n in (20, 22, 24)))",
        *(text(answer.choices[0].message.content) for answer in answers),
    )


def stream(client: Tensormesh) -> None:
    show("A stream", "client.inference.serverless.chat.completions.create(stream=True, model=..., messages=[...])")
    print("    ", end="")
    chunks = pieces = 0
    with client.inference.serverless.chat.completions.create(
        stream=True,
        model=SERVERLESS_MODEL,
        messages=[{"role": "user", "content": "Write a haiku."}],
        stream_options={"include_usage": True},
    ) as events:
        for chunk in events:
            chunks += 1
            for choice in chunk.choices:
                if choice.delta.content:
                    pieces += 1
                    # Models begin with an empty line after they have thought.
                    piece = choice.delta.content if pieces > 1 else choice.delta.content.lstrip()
                    print(piece.replace("\n", "\n    "), end="", flush=True)
    print(f"\n    {DIM}{chunks} chunks, {pieces} of them with text{RESET}")


def temperature(city: str) -> dict[str, object]:
    """
    Tell how warm it is in a city.

    Args:
        city: its name, in English.
    """
    return {"city": city, "celsius": 21}


def tools(client: Tensormesh) -> None:
    run = client.inference.serverless.run_tools(
        [temperature],
        model=SERVERLESS_MODEL,
        messages=[{"role": "user", "content": "How warm is it in Lyon?"}],
    )
    show(
        "A Python function as a tool",
        'client.inference.serverless.run_tools([temperature], model="openai/gpt-oss-20b", messages=[...])',
        run.text,
        f"{len(run.answers)} answers, {len(run.messages)} messages to go on with",
    )


def on_demand(client: Tensormesh) -> None:
    served = client.inference.on_demand.models.list().data[0].id
    answer = client.inference.on_demand.chat.completions.create(
        model=served, messages=[{"role": "user", "content": "Who are you?"}], max_tokens=100
    )
    show(
        "The same call on demand: another base URL, and X-User-Id",
        "client.inference.on_demand.chat.completions.create(model=served, messages=[...])",
        f"{served}: {text(answer.choices[0].message.content)}",
    )


def control_plane(client: Tensormesh) -> None:
    prices = client.control_plane.billing.pricing.serverless.list()
    again = ServerlessPricing.from_dict(prices[0].to_dict())
    price = again.input_token_price
    show(
        "The control plane, and a model to JSON and back",
        "ServerlessPricing.from_dict(client.control_plane.billing.pricing.serverless.list()[0].to_dict())",
        f"{len(prices)} prices; {again.model}: {price.amount if price else '?'} USD per million input tokens",
        f"the same after the round trip: {again == prices[0]}",
    )


def many(client: Tensormesh) -> None:
    with tempfile.TemporaryDirectory() as folder:
        documents = ["A prefix cache keeps what was computed before. " * 40, "A batch is many requests at once. " * 40]
        rows = (
            {
                "custom_id": f"{document}-{question}",
                "body": {
                    "model": SERVERLESS_MODEL,
                    "max_tokens": 20,
                    "messages": [
                        {"role": "system", "content": documents[document]},
                        {"role": "user", "content": f"What does sentence {question} say?"},
                    ],
                },
            }
            for question in range(50)
            for document in range(len(documents))
        )
        done = batch.run(rows, folder, price=batch.Price.of("0.05,0.20"))
    show(
        "A hundred at once, in the order that the cache likes",
        'batch.run(rows, folder, price=batch.Price.of("0.05,0.20"))',
        *str(done).splitlines(),
    )


def failure(client: Tensormesh) -> None:
    try:
        client.inference.serverless.completions.create(model="no/such-model", prompt="Hello")
    except errors.NotFoundError as error:
        show("A mistake", "client.inference.serverless.completions.create(model='no/such-model', ...)", f"{error!r}")
    else:
        raise SystemExit("demo: the local host answered for a model it does not have")


def low_level(client: Tensormesh) -> None:
    body = ChatCompletionRequest(
        model=SERVERLESS_MODEL,
        messages=[ChatMessage(role="user", content="Why is a prefix cache worth having?")],
        max_tokens=200,
    )
    answer = api.chat.create_chat_completion.sync_detailed(client=client.inference.serverless, body=body)
    show(
        "One step lower: every operation is a plain function, too",
        "api.chat.create_chat_completion.sync_detailed(client=client.inference.serverless, body=body)",
        text(answer.parsed.choices[0].message.content),
        f"{type(answer.parsed).__name__}, HTTP {answer.status_code}, request {answer.request_id}",
    )


def main() -> None:
    steps: list[Callable[[Tensormesh], None]] = [
        first_call,
        stream,
        tools,
        on_demand,
        control_plane,
        many,
        failure,
        low_level,
    ]
    with local_host() as environment:
        os.environ.update(environment)
        print(f"{GREEN}A Tensormesh of your own{RESET} at {environment['TENSORMESH_SERVERLESS_BASE_URL']}")
        with Tensormesh() as client:
            steps[0](client)
            asyncio.run(several_at_once())
            for step in steps[1:]:
                step(client)
    print(f"\n{GREEN}All of it worked.{RESET} The code is examples/demo.py; `make local` keeps a host running.")


if __name__ == "__main__":
    main()
