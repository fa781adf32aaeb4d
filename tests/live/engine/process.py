"""The engine as a process: it starts on a free port, can be asked how busy it is, and ends, gently or not."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.live.engine.installation import MODEL, PLACE, PYTHON
from tools.clean_room import last_line, plain_environment

SWITCH = "LIVE_ENGINE"
"""What `make live` sets, once there is an engine to start."""

NAME = "tiny"
KEY = "ak-live"
CONTEXT_TOKENS = 4096
AT_ONCE = 8
"""How many requests it works on at a time; more wait."""

WORKER = b"EngineCore"
"""What the process that computes calls itself."""

START_SECONDS = 240.0
END_SECONDS = 30.0
POLL_SECONDS = 0.05
LOG = PLACE / "engine.log"

_ARGUMENTS = (
    *("--model", str(MODEL), "--served-model-name", NAME, "--dtype", "float32", "--enforce-eager"),
    *("--max-model-len", str(CONTEXT_TOKENS), "--max-num-seqs", str(AT_ONCE)),
    *("--enable-auto-tool-choice", "--tool-call-parser", "hermes"),
    *("--enable-prompt-tokens-details", "--enable-request-id-headers"),
)
_REASONING = ("--reasoning-parser", "qwen3")
# One core and one gigabyte: others are at work on this machine too.
_ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",
}


class StartError(Exception):
    """The engine did not start, and where to read why, in one sentence."""


class Engine:
    """
    vLLM with its tiny model on 127.0.0.1, at the same address for as long as this object lives.

    Args:
        more: what it is told on its command line beside what it always is.
    """

    key = KEY
    model = NAME
    parses_reasoning = True
    """Whether thoughts are told from the answer, or left in it between think tags."""

    def __init__(self, *more: str) -> None:
        self._more = more
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.group = 0
        """The process group that it was started as."""
        self._process: subprocess.Popen[bytes] | None = None
        LOG.unlink(missing_ok=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *, parses_reasoning: bool = True) -> None:
        """
        Start; one that runs already is left alone, unless it treats thoughts otherwise.

        Raises:
            StartError: it ended, or did not get ready in time.
        """
        if self._process is not None and self._process.poll() is None and self.parses_reasoning == parses_reasoning:
            return
        self.stop()
        self.parses_reasoning = parses_reasoning
        # `vllm serve` looks for a distribution called vllm, and this one has another name.
        command = [str(PYTHON), "-m", "vllm.entrypoints.openai.api_server", *_ARGUMENTS]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--api-key", KEY]
        with LOG.open("ab") as log:
            # A session of its own: Ctrl-C is for us, and we end it.
            self._process = subprocess.Popen(
                [*command, *(_REASONING if parses_reasoning else ()), *self._more],
                env={**plain_environment(), **_ENVIRONMENT},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.group = self._process.pid
        if hasattr(os, "sched_setaffinity"):
            # What computes would leave no time to what answers, which then says nothing until the end; on one
            # core the kernel shares it out between them.
            os.sched_setaffinity(self.group, {max(os.sched_getaffinity(0))})
        self._wait_until_healthy(self._process)

    def _wait_until_healthy(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            if process.poll() is not None:
                said = last_line(LOG.read_text(encoding="utf-8", errors="replace"))
                raise StartError(f"the engine ended before it was ready: {said} (all of it is in {LOG})")
            if time.monotonic() > deadline:
                raise StartError(f"the engine was not ready within {START_SECONDS:g} seconds; its log is {LOG}")
            time.sleep(POLL_SECONDS)

    def _is_healthy(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/health", trust_env=False).is_success
        return False

    def under_way(self) -> int:
        """How many requests it works on, and how many wait for that, by its own count."""
        return self._metric("num_requests_running") + self._metric("num_requests_waiting")

    def generated(self) -> int:
        """How many tokens it has made since it started, by its own count."""
        return self._metric("generation_tokens_total")

    def _metric(self, name: str) -> int:
        text = httpx.get(f"{self.url}/metrics", trust_env=False).text
        (value,) = re.findall(rf"^vllm:{name}{{[^}}]*}} (\S+)$", text, re.MULTILINE)
        return int(float(value))

    def kill(self) -> None:
        """End all of it at once, as a machine that fails does."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.group, signal.SIGKILL)
            self._process.wait()

    def kill_worker(self) -> None:
        """End the process that computes; the one that answers HTTP notices, says so, and ends by itself."""
        (worker,) = (pid for pid in members(self.group) if WORKER in _title(pid))
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + END_SECONDS
        while worker in members(self.group) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End, after the requests under way were broken off; one that does not run is left alone."""
        if self._process is None:
            return
        self._process.terminate()
        deadline = time.monotonic() + END_SECONDS
        while members(self.group) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        self.kill()
        self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def members(group: int) -> list[int]:
    """The processes of a group that still run."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group, *_ = file.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(its_group) == group and state != "Z":
                found.append(int(file.parent.name))
    return found


def _title(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
