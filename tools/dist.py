"""
`python -m tools.dist`: the wheel and the sdist in `dist/`, and proof that they hold what they should.

    sdist -> wheel -> look inside -> the wheel alone in a clean environment -> one call to a local host

The wheel is made of the sdist and must be the same, file by file, as one made of this tree. Nothing is uploaded.
"""

from __future__ import annotations

import importlib.util
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tools.clean_room import CleanRoomError, clean_environment, find_uv, local_host, run
from tools.interface import INTERFACE

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = "tensormesh_cli"
"""The one package that is not for others to import, and so without `py.typed`."""

CALL = """
import tensormesh

with tensormesh.Tensormesh() as client:
    answer = client.inference.serverless.chat.completions.create(
        model="openai/gpt-oss-20b",
        messages=[{"role": "user", "content": "Say hello in one sentence."}],
    )
print(tensormesh.__file__)
print(" ".join((answer.choices[0].message.content or "").split()))
"""


class DistError(Exception):
    """What is wrong with the distribution, in one sentence."""


def build(root: Path, target: Path) -> tuple[Path, Path]:
    """
    Make the sdist of `root` and, of that, the wheel.

    Raises:
        DistError: the tree makes another wheel than the sdist.
        CleanRoomError: the build fails.
    """
    target.mkdir(exist_ok=True)
    for old in (*target.glob("tensormesh-*.whl"), *target.glob("tensormesh-*.tar.gz")):
        old.unlink()
    builder = _builder()
    run([*builder, "-o", str(target), str(root)], "the build failed")
    wheel, sdist = _only(target, "tensormesh-*.whl"), _only(target, "tensormesh-*.tar.gz")
    with tempfile.TemporaryDirectory() as scratch:
        run([*builder, "--wheel", "-o", scratch, str(root)], "the wheel cannot be built from this tree")
        ours, theirs = _contents(_only(Path(scratch), "*.whl")), _contents(wheel)
    differing = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    if differing:
        raise DistError(
            f"the wheel made of the sdist is not the one made of this tree; it differs in {_few(differing)}"
        )
    return wheel, sdist


def check_wheel(wheel: Path, root: Path) -> int:
    """
    Look inside the wheel: `check-wheel-contents` at the packages, and here at what it does not know of.

    Returns:
        How many files it holds.

    Raises:
        DistError: something is missing, or there that should not be.
        CleanRoomError: the same of a module.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    settings = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    packages = settings["packages"]
    check = [str(Path(sys.executable).with_name("check-wheel-contents")), "--no-config"]
    check += [f"--toplevel={','.join(packages)}", *(f"--package={package}" for package in packages)]
    # What W102 calls strays are the documents, which come from elsewhere.
    check += ["--ignore=W102", f"--package-omit=__pycache__,{INTERFACE}"]
    run([*check, str(wheel)], f"{wheel.name} does not hold what it should", cwd=root)
    info = f"{project['project']['name']}-{project['project']['version']}.dist-info"
    wanted = {f"{package}/py.typed" for package in packages if package != PROGRAM}
    wanted |= {f"{info}/licenses/{name}" for name in project["project"]["license-files"]}
    for source, place in settings["force-include"].items():
        wanted |= {
            f"{place}/{file.relative_to(root / source).as_posix()}"
            for file in (root / source).rglob("*")
            if file.is_file()
        }
    if missing := sorted(wanted - names):
        raise DistError(f"{wheel.name} lacks {_few(missing)}")
    if strays := sorted(name for name in names if _is_test(name)):
        raise DistError(f"{wheel.name} holds what is none of its business: {_few(strays)}")
    return len(names)


def check_sdist(sdist: Path) -> int:
    """
    Look inside the sdist.

    Raises:
        DistError: something is missing, or there that should not be.
    """
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"LICENSE", "README.md", "pyproject.toml", "openapi/serverless.yaml", "tensormesh_generated/MANIFEST.json"}
    if missing := sorted(wanted - names):
        raise DistError(f"{sdist.name} lacks {_few(missing)}")
    if strays := sorted(name for name in names if name.split("/")[0] in (".venv", ".local", ".git", "dist")):
        raise DistError(f"{sdist.name} holds what is none of its business: {_few(strays)}")
    return len(names)


def check_commands(python: Path, place: Path) -> None:
    """
    See that every command of the project starts.

    Raises:
        CleanRoomError: one does not.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name in project.get("scripts", {}):
        run([str(python.parent / name), "--help"], f"the installed `{name}` does not start", cwd=place)


def call(python: Path, environment: Mapping[str, str], place: Path) -> str:
    """
    Make one call as a user would.

    Returns:
        What the model said.

    Raises:
        DistError: it was not the installed package that made it, or there was no answer.
        CleanRoomError: it fails.
    """
    output = run([str(python), "-c", CALL], "the installed package cannot make a call", cwd=place, env=environment)
    file, _, answer = output.strip().partition("\n")
    if not Path(file).is_relative_to(python.parent.parent):
        raise DistError(f"the call was made by {file}, not by the installed wheel")
    if not answer:
        raise DistError("the installed package made a call, and the answer was empty")
    return answer


def main() -> int:
    try:
        wheel, sdist = build(ROOT, ROOT / "dist")
        print(f"dist/{wheel.name}: {check_wheel(wheel, ROOT)} files, the same from the tree and from the sdist")
        print(f"dist/{sdist.name}: {check_sdist(sdist)} files")
        with tempfile.TemporaryDirectory(prefix="tensormesh-dist-") as scratch:
            # The real path: the Python inside reports that one.
            place = Path(scratch).resolve()
            python = clean_environment(place / "venv", f"tensormesh[local] @ {wheel.resolve().as_uri()}")
            outside = place / "elsewhere"
            outside.mkdir()
            check_commands(python, outside)
            with local_host(str(python), outside) as environment:
                answer = call(python, environment, outside)
        print(f"the wheel alone, in a clean environment, was told: {answer}")
    except (DistError, CleanRoomError) as error:
        print(f"make dist: {error}", file=sys.stderr)
        return 1
    return 0


def _builder() -> list[str]:
    uv = find_uv()
    if uv:
        return [uv, "build", "--quiet"]
    if importlib.util.find_spec("build") is None:
        raise DistError("nothing here can build: `make install` fetches uv, or install the package `build`")
    return [sys.executable, "-m", "build"]


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise DistError(f"the build should have left one {pattern} in {folder}, and left {len(found)}")
    return found[0]


def _contents(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {item.filename: item.CRC for item in archive.infolist()}


def _is_test(name: str) -> bool:
    *folders, file = name.split("/")
    return "tests" in folders or file.startswith("test_") or file == "conftest.py"


def _few(names: list[str]) -> str:
    rest = len(names) - 3
    return ", ".join(names[:3]) + (f" and {rest} more" if rest > 0 else "")


if __name__ == "__main__":
    sys.exit(main())
