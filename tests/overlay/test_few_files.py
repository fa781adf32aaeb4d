"""
Many calls at once in a program that may open few files, as its first ones.

What is loaded is loaded before anything is sent, so no answer that has come is lost; and an error says what is lacking.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cases import cases
from tests.overlay.calls import COMPLETION, piece
from tests.overlay.conftest import KEY, TOKEN, USER_ID
from tests.overlay.scripted_host import ScriptedHost, Step, answer, events, streamed

resource = pytest.importorskip("resource")

ROOT = Path(__file__).resolve().parents[2]
RUNNERS = ["sync", "async"]
FILES, CALLS = 80, 150

PROGRAM = f"""
import asyncio, collections, json, sys, threading

runner, kind, url = sys.argv[1:4]
settings = dict(env={{}}, inference_api_key={KEY!r}, control_plane_token={TOKEN!r}, serverless_base_url=url,
                on_demand_base_url=url, on_demand_user_id={USER_ID!r}, control_plane_base_url=url)

from tensormesh import AsyncTensormesh, Tensormesh, errors

client = (AsyncTensormesh if runner == "async" else Tensormesh)(**settings)
messages = [{{"role": "user", "content": "Say hello."}}]
chat = dict(model="m", messages=messages)
calls = {{
    "chat": lambda: client.inference.serverless.chat.completions.create(**chat),
    "chat stream": lambda: client.inference.serverless.chat.completions.create(stream=True, **chat),
    "completion stream": lambda: client.inference.on_demand.completions.create(model="m", prompt="p", stream=True),
    "response stream": lambda: client.inference.on_demand.responses.create(model="m", input="i", stream=True),
    "models": lambda: client.inference.serverless.models.list(),
    "products": lambda: client.control_plane.products.list(),
    "raw": lambda: client.inference.serverless.request("GET", "/v1/models"),
}}
call = calls[kind]


def read(answer):
    repr(answer)
    if hasattr(answer, "get_final"):
        list(answer.text_deltas())
        repr((answer.get_final(), answer.usage))


async def aread(answer):
    repr(answer)
    if hasattr(answer, "get_final"):
        [delta async for delta in answer.text_deltas()]
        repr((await answer.get_final(), answer.usage))
"""

AT_ONCE = f"""
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES}))
outcomes, lock = collections.Counter(), threading.Lock()


def note(outcome):
    with lock:
        outcomes[outcome] += 1
        if sum(outcomes.values()) == {CALLS - FILES}:
            print("the rest is under way", flush=True)


def failed(error):
    note(f"{{type(error).__name__}}: {{error}}")


def one(start):
    start.wait()
    try:
        read(call())
    except BaseException as error:
        failed(error)
    else:
        note("")


async def aone():
    try:
        await aread(await call())
    except BaseException as error:
        failed(error)
    else:
        note("")


async def main():
    await asyncio.gather(*(aone() for _ in range({CALLS})))
    await client.close()


if runner == "async":
    asyncio.run(main())
else:
    start = threading.Barrier({CALLS})
    threads = [threading.Thread(target=one, args=[start]) for _ in range({CALLS})]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
print(json.dumps(outcomes))
"""

FULL = f"""
import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES}))
held, told = [], []


def take_all():
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass


def give_back():
    while held:
        os.close(held.pop())


def failed(error):
    give_back()  # or nothing can be told
    told.append((isinstance(error, errors.TensormeshError), str(error)))


async def main():
    take_all()
    try:
        await call()
    except Exception as error:
        failed(error)
    await aread(await call())
    await client.close()


def work():
    take_all()
    try:
        call()
    except Exception as error:
        failed(error)
    read(call())
    client.close()


asyncio.run(main()) if runner == "async" else work()
print(json.dumps(told))
"""

IMPORTS = """
seen, connected = [], False


def hook(event, arguments):
    global connected
    connected = connected or event == "socket.connect"


class Recorder:
    @staticmethod
    def find_spec(name, *_):
        if connected:
            seen.append(name)


sys.meta_path.insert(0, Recorder)
sys.addaudithook(hook)


async def main():
    await aread(await call())


try:
    asyncio.run(main()) if runner == "async" else read(call())
except errors.APIStatusError as error:
    repr(error)
print(json.dumps(seen))
"""

STREAM = streamed(events(piece("Hel"), piece("lo.", "stop")))
TEXTS = streamed(events({"id": "c", "object": "text_completion", "choices": [{"index": 0, "text": "Hello."}]}))
RESPONSE = {"id": "r", "object": "response", "status": "completed", "output": []}
EVENTS = streamed(
    events(
        {"type": "response.created", "response": {**RESPONSE, "status": "in_progress"}},
        {
            "type": "response.output_text.delta",
            "item_id": "i",
            "output_index": 0,
            "content_index": 0,
            "delta": "Hello.",
        },
        {"type": "response.completed", "response": RESPONSE},
        end=b"",
    )
)
ANSWERS: dict[str, tuple[Step, ...]] = {
    "chat": answer(200, COMPLETION),
    "chat stream": STREAM,
    "completion stream": TEXTS,
    "response stream": EVENTS,
    "models": answer(200, {"object": "list", "data": [{"id": "m"}]}),
    "products": answer(200, {"products": [{"name": "p"}]}),
    "raw": answer(200, {}),
}


def program(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM + code, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


TOUCHED = "client.inference.serverless, client.control_plane.products"


@cases("runner", RUNNERS)
@cases("kind", ["chat", "chat stream", "response stream", "products", "raw"])
def test_every_call_gets_its_answer_or_hears_what_is_lacking(host: ScriptedHost, runner: str, kind: str) -> None:
    go_on = threading.Event()
    host.always_plays((go_on, *ANSWERS[kind]))

    with program(AT_ONCE, runner, kind, host.url) as process:
        assert process.stdout is not None
        process.stdout.readline()  # so many have failed that all who got through hold what there is
        go_on.set()
        outcomes, complaints = process.communicate(timeout=60)

    told: dict[str, int] = json.loads(outcomes) if outcomes else {}
    answered = told.pop("", 0)
    assert complaints == ""
    assert answered >= FILES // 2
    assert sum(told.values()) == CALLS - answered > 0
    assert all(
        text.startswith("APIConnectionError") and f"may have {FILES} open" in text and "max_connections=" in text
        for text in told
    ), told


@cases("runner", RUNNERS)
@cases("kind", ANSWERS)
def test_nothing_of_ours_is_loaded_once_there_is_a_connection(host: ScriptedHost, runner: str, kind: str) -> None:
    host.plays(ANSWERS[kind])

    with program(IMPORTS, runner, kind, host.url) as process:
        loaded, complaints = process.communicate(timeout=60)

    assert complaints == ""
    assert [name for name in json.loads(loaded) if name.startswith("tensormesh")] == []


@cases("runner", RUNNERS)
@cases("kind", ["chat", "chat stream"])
def test_nor_for_an_error(host: ScriptedHost, runner: str, kind: str) -> None:
    host.plays(answer(429, {"error": {"message": "slow down"}}, retry_after="1"))

    with program(IMPORTS, runner, kind, host.url) as process:
        loaded, complaints = process.communicate(timeout=60)

    assert complaints == ""
    assert [name for name in json.loads(loaded) if name.startswith("tensormesh")] == []


@cases(
    ("kind", "runner", "touched"),
    [(kind, runner, "client") for kind in ("chat", "response stream", "products", "raw") for runner in RUNNERS]
    + [(kind, runner, TOUCHED) for kind, runner in (("chat", "sync"), ("products", "async"))],
)
def test_where_there_are_no_files_at_all_a_call_says_so_and_the_next_one_is_answered(
    host: ScriptedHost, runner: str, kind: str, touched: str
) -> None:
    """Whatever of the client was used before; nothing half-loaded stays."""
    host.plays(ANSWERS[kind])

    with program(f"{touched}\n{FULL}", runner, kind, host.url) as process:
        told, complaints = process.communicate(timeout=60)

    assert complaints == ""
    [(is_ours, text)] = json.loads(told)
    assert is_ours
    assert "Too many open files" in text
    assert "ulimit -n" in text
