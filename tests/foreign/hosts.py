"""The hosts that nobody here wrote: how each is had, started, and told from one that is not up yet."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tensormesh_local import LocalHost
from tests.foreign.environments import (
    GGUF,
    MODEL,
    PLACE,
    NotToBeHadError,
    install_litellm,
    install_llama,
    install_transformers,
    python,
)
from tools.clean_room import last_line, plain_environment

START_SECONDS = 180.0
END_SECONDS = 20.0
KEY = "sk-of-a-foreign-host"

_QUIETLY = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
    # LiteLLM reads these; without them it asks other machines for prices, headers and news.
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
}
_PROXY = """\
model_list:
  - model_name: tensormesh-chat
    litellm_params:
      model: openai/openai/gpt-oss-20b
      api_base: {url}/v1
      api_key: {key}
general_settings:
  master_key: {master}
"""


@dataclass(frozen=True)
class ForeignHost:
    """
    One of them.

    Args:
        name: what it is called.
        install: makes its environment.
        command: what starts it on a port.
        live: a path that answers 200 once it is up.
        before: whether a local host stands behind it.
    """

    name: str
    install: Callable[[], None]
    command: Callable[[int], list[str]]
    live: str = "/v1/models"
    before: bool = False


def _transformers(port: int) -> list[str]:
    program = str(python("transformers").with_name("transformers"))
    return [program, "serve", str(MODEL), "--device", "cpu", "--host", "127.0.0.1", "--port", str(port)]


def _llama(port: int) -> list[str]:
    options = ["--model", str(GGUF), "--model_alias", "tiny", "--n_ctx", "2048", "--n_threads", "1"]
    return [str(python("llama")), "-m", "llama_cpp.server", *options, "--host", "127.0.0.1", "--port", str(port)]


def _litellm(port: int) -> list[str]:
    program = str(python("litellm").with_name("litellm"))
    return [program, "--config", str(_config()), "--host", "127.0.0.1", "--port", str(port)]


def _config() -> Path:
    return PLACE / "litellm.yaml"


HOSTS = (
    ForeignHost("transformers", install_transformers, _transformers),
    ForeignHost("llama", install_llama, _llama),
    ForeignHost("litellm", install_litellm, _litellm, live="/health/liveliness", before=True),
)


@contextmanager
def started(host: ForeignHost) -> Iterator[str]:
    """
    Start a host, and stop it afterwards; give its address.

    Raises:
        NotToBeHadError: it does not come up.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = int(listening.getsockname()[1])
    with ExitStack() as stack:
        if host.before:
            local = stack.enter_context(LocalHost())
            text = _PROXY.format(url=local.serverless_base_url, key=local.inference_api_key, master=KEY)
            _config().write_text(text, encoding="utf-8")
        log = stack.enter_context((PLACE / f"{host.name}.log").open("wb"))
        environment: Mapping[str, str] = {**plain_environment(), **_QUIETLY, "NO_PROXY": "127.0.0.1"}
        process = subprocess.Popen(host.command(port), cwd=PLACE, env=environment, stdout=log, stderr=subprocess.STDOUT)
        stack.callback(_end, process)
        url = f"http://127.0.0.1:{port}"
        _await(f"{url}{host.live}", process, Path(log.name))
        yield url


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = last_line(log.read_text(encoding="utf-8", errors="replace"))
            raise NotToBeHadError(f"it ended before it answered: {said}; see {os.path.relpath(log)}")
        try:
            if httpx.get(url, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise NotToBeHadError(f"it did not answer within {START_SECONDS:.0f} seconds; see {os.path.relpath(log)}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
