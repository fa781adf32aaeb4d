"""
An environment for each host that nobody here wrote, below `.local/foreign`, and the model that two of them serve.

What cannot be had, for want of an index, a compiler or a Python, is skipped with the reason.
"""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Sequence
from contextlib import redirect_stderr
from pathlib import Path

from tests.live.engine.installation import ARCHIVE, TORCH, TORCH_INDEX, pythons
from tools.clean_room import ROOT, CleanRoomError, python_of, run

PLACE = ROOT / ".local" / "foreign"
MODEL = PLACE / "model"
GGUF = PLACE / "tiny.gguf"

_CONVERTER = Path(__file__).with_name("gguf_file.py")


class NotToBeHadError(Exception):
    """What cannot be had here, and why, in one sentence."""


def python(name: str) -> Path:
    """The Python of an environment."""
    return python_of(PLACE / name)


def install(name: str, *wanted: str, first: Sequence[str] = ()) -> None:
    """
    Make an environment, where there is none that is whole.

    Args:
        name: its folder.
        wanted: what it is to have.
        first: options and packages of an installation before that, such as a build for this machine.

    Raises:
        NotToBeHadError: no Python here can have that.
    """
    whole = PLACE / f"{name}.installed"
    if whole.exists() and whole.read_text(encoding="utf-8") == " ".join(wanted):
        return
    print(f"foreign: installing {name} below {PLACE.relative_to(ROOT)}, which may take minutes", flush=True)
    reason = NotToBeHadError("there is no Python to make an environment of")
    for interpreter in pythons():
        shutil.rmtree(PLACE / name, ignore_errors=True)
        pip = [str(python(name)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"]
        said = io.StringIO()
        try:
            # What one Python cannot have, the next may: until then it is no error.
            with redirect_stderr(said):
                run([interpreter, "-m", "venv", str(PLACE / name)], "no environment can be made")
                if first:
                    run([*pip, *first], f"{first[-1]} cannot be installed")
                run([*pip, *wanted], f"{' '.join(wanted)} cannot be installed")
        except CleanRoomError as error:
            log = PLACE / f"{name}.install.log"
            log.write_text(said.getvalue(), encoding="utf-8")
            reason = NotToBeHadError(f"{error}; see {log.relative_to(ROOT)}")
            continue
        whole.write_text(" ".join(wanted), encoding="utf-8")
        return
    raise reason


def install_transformers() -> None:
    """Transformers with its server, and a torch for machines without a GPU."""
    _unpack_model()
    install("transformers", "transformers[serving]", first=["--extra-index-url", TORCH_INDEX, "--no-deps", TORCH])


def install_llama() -> None:
    """The bindings of llama.cpp with their server, compiled here, and the model as llama.cpp reads it."""
    _unpack_model()
    install("llama", "llama-cpp-python[server]", "gguf", "safetensors")
    try:
        run([str(python("llama")), str(_CONVERTER), str(MODEL), str(GGUF)], "the model cannot be converted")
    except CleanRoomError as error:
        raise NotToBeHadError(str(error)) from error


def install_litellm() -> None:
    """LiteLLM with its proxy."""
    install("litellm", "litellm[proxy]")


def _unpack_model() -> None:
    shutil.rmtree(MODEL, ignore_errors=True)
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(MODEL, filter="data")
