"""A refresh token works once: between the answer to it and the file there is nothing that could fail or take time."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tensormesh_cli.login.token_store import TokenStore
from tensormesh_cli.settings.sources import FLAG, Value
from tensormesh_local import LocalHost
from tests.cli.conftest import Tm
from tests.cli.processes import TM, environment, run

TRACED = """
import json, os, resource, socket, sys, threading
from pathlib import Path

TOKENS = {"access_token": "a1", "refresh_token": "r1", "token_type": "Bearer", "expires_in": 3600}
path, answered, events = Path(os.environ["TM_CONFIG_HOME"]) / "auth.json", threading.Event(), []
listening = socket.create_server(("127.0.0.1", 0))

def receive(connection):
    data = connection.recv(65536)
    if not data:
        sys.exit()  # only this thread: whoever asked has hung up
    return data

def read(connection):
    data = b""
    while b"\\r\\n\\r\\n" not in data:
        data += receive(connection)
    head, _, body = data.partition(b"\\r\\n\\r\\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\\r\\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += receive(connection)
    return head

def serve():
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # no file is left for it: who waits to be answered is turned away
            listening.close()
            return
        threading.Thread(target=answer, args=(connection,), daemon=True).start()

def answer(connection):
    while True:
        head = read(connection)
        refresh = b"/auth/cli/refresh" in head
        status = b"200 OK" if refresh or b"Bearer a1" in head else b"401 Unauthorized"
        body = json.dumps(TOKENS if refresh else {}).encode()
        if refresh:
            answered.set()
            if "NO_MORE_FILES" in os.environ:
                free = os.dup(0)
                os.close(free)
                resource.setrlimit(resource.RLIMIT_NOFILE, (free, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        told = f"content-type: application/json\\r\\ncontent-length: {len(body)}\\r\\n\\r\\n".encode()
        connection.sendall(b"HTTP/1.1 " + status + b"\\r\\n" + told + body)

def note(name, given):
    if answered.is_set() and threading.current_thread() is threading.main_thread() and path.stat().st_ino == before:
        if name in ("open", "import", "exec", "compile", "os.rename", "socket.__new__", "subprocess.Popen"):
            events.append(f"{name} {given[0]!r:.80}" if name != "os.rename" else name)

threading.Thread(target=serve, daemon=True).start()
base = f"http://127.0.0.1:{listening.getsockname()[1]}"
path.parent.mkdir()
begun = {"access_token": "a0", "refresh_token": "r0", "controlplane_base": base}
path.write_text(json.dumps(begun | json.loads(sys.argv[1])))
before = path.stat().st_ino
from tensormesh_cli.main import root
sys.addaudithook(note)
try:
    root.main([*sys.argv[2:], "--controlplane-base", base])
except SystemExit:
    pass
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
print(json.dumps({"events": events, "kept": json.loads(path.read_text())["refresh_token"]}))
"""
ENDED = {"expires_at": "2020-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("command", "document"),
    [
        (["auth", "refresh"], {}),
        (["auth", "whoami"], ENDED),
        (["auth", "whoami"], {}),  # the host says that the token has ended
        (["infer", "chat", "Hello", "--surface", "on-demand", "--api-key", "k"], ENDED),
    ],
)
@pytest.mark.parametrize("state", ["", "never compiled", "no more files"])
def test_nothing_is_loaded_or_opened_between_the_answer_and_the_file(
    offline: Tm, tmp_path: Path, command: list[str], document: dict[str, str], state: str
) -> None:
    variables = {"TENSORMESH_ON_DEMAND_BASE_URL": "http://127.0.0.1:9"}
    if state == "no more files":  # from the moment on at which the host answers
        variables["NO_MORE_FILES"] = "1"
    cold = ["-X", f"pycache_prefix={tmp_path}"] if state == "never compiled" else []

    done = subprocess.run(
        [sys.executable, *cold, "-c", TRACED, json.dumps(document), *command],
        env=environment(offline) | variables,
        capture_output=True,
        text=True,
        check=True,
    )

    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen == {"events": ["os.rename"], "kept": "r1"}, done.stderr


def few(descriptors: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))


def test_with_few_descriptors_the_token_is_kept_or_not_spent(logged_in: Tm, host: LocalHost) -> None:
    path, kept = logged_in.home / "auth.json", 0
    for descriptors in range(4, 40):
        before, count = path.read_bytes(), len(host.requests)
        done = subprocess.run(
            [*TM, "auth", "refresh"],
            env=environment(logged_in),
            preexec_fn=few(descriptors),
            capture_output=True,
            text=True,
            check=False,
        )
        if path.read_bytes() == before:
            assert (done.returncode != 0, len(host.requests)) == (True, count), (descriptors, done.stderr)
        else:
            assert done.returncode == 0, (descriptors, done.stderr)
            kept += 1
        if kept == 3:
            break

    assert kept == 3
    assert run(logged_in, "auth", "refresh").returncode == 0


ODD = [
    {"expires_in": []},
    {"expires_in": "soon"},
    {"expires_in": -1},
    {"expires_in": 10**400},
    {"token_type": 7},
    {"refresh_token": 7},
    {"refresh_token": ""},
    {"expires_at": {"a": 1}},
    {"controlplane_base": "https://elsewhere.example"},
    {"scope": "\ud800"},
    {"more": [[[{}]]]},
]


@pytest.mark.parametrize("odd", ODD)
def test_tokens_that_come_with_something_odd_are_kept(logged_in: Tm, host: LocalHost, odd: dict[str, Any]) -> None:
    """They were paid for with the old ones."""
    tokens = {"access_token": "a1", "refresh_token": "r1"} | odd
    host.faults.add({"status": 200, "body": tokens, "match": {"path": "/control-plane/auth/cli/refresh"}})

    outcome = logged_in("auth", "refresh")

    document = json.loads((logged_in.home / "auth.json").read_text())
    assert outcome.code == 0, outcome.stderr
    assert document["access_token"] == "a1"
    assert document["controlplane_base"] == host.control_plane_base_url


def test_tokens_that_come_with_something_too_deep_are_kept(tmp_path: Path) -> None:
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    store = TokenStore(tmp_path)
    store.save({"access_token": "a0", "refresh_token": "r0"}, "https://cp.example")

    store.refresh(
        None,
        Value("https://cp.example", "--controlplane-base", FLAG),
        lambda token: {"access_token": "a1", "refresh_token": "r1", "deep": deep, "scope": "\ud800"},
    )

    kept = store.load()
    assert kept is not None
    assert (kept.access_token, kept.refresh_token) == ("a1", "r1")


@pytest.mark.parametrize("token", [None, "", "  ", 7, [], {}])
def test_an_answer_without_a_token_changes_nothing(logged_in: Tm, host: LocalHost, token: Any) -> None:
    before = (logged_in.home / "auth.json").read_bytes()
    body = {"access_token": token, "refresh_token": "r1"}
    host.faults.add({"status": 200, "body": body, "match": {"path": "/control-plane/auth/cli/refresh"}})

    outcome = logged_in("--error-format", "json", "auth", "refresh")

    assert (outcome.code, outcome.error["kind"]) == (8, "protocol")
    assert (logged_in.home / "auth.json").read_bytes() == before


def test_no_bound_of_other_answers_costs_a_token(logged_in: Tm, host: LocalHost) -> None:
    before = (logged_in.home / "auth.json").read_bytes()
    assert logged_in("auth", "refresh", "--max-response-bytes", "10").code == 0
    assert (logged_in.home / "auth.json").read_bytes() != before
    assert logged_in("auth", "login", "--max-response-bytes", "10").code == 0
    assert logged_in("auth", "refresh").code == 0
