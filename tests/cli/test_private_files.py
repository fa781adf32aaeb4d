"""The files that `tm` keeps: for their owner only, and nothing that is no file is taken for one."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tensormesh_cli.errors import CliError
from tensormesh_cli.settings import private_files
from tests.cases import cases
from tests.cli.conftest import Tm
from tests.cli.processes import TM, environment

NAMES = ["config.toml", "auth.json"]
ZERO = Path("/dev/zero")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("open_umask")
@pytest.mark.parametrize("name", NAMES)
def test_every_folder_on_the_way_is_for_its_owner_only(tmp_path: Path, name: str) -> None:
    path = tmp_path / ".config" / "tensormesh" / name

    with private_files.locked(path):
        private_files.write(path, "text")

    assert [mode(one) for one in (path.parent.parent, path.parent, path)] == [0o700, 0o700, 0o600]
    assert {mode(one) for one in path.parent.iterdir()} == {0o600}


@pytest.mark.usefixtures("open_umask")
def test_a_home_without_a_folder_for_settings_gets_a_private_one(offline: Tm, tmp_path: Path) -> None:
    done = subprocess.run(
        [*TM, "config", "init"], env=environment(offline) | {"HOME": str(tmp_path), "TM_CONFIG_HOME": ""}, check=False
    )

    assert done.returncode == 0
    assert [mode(tmp_path / name) for name in (".config", ".config/tensormesh")] == [0o700, 0o700]


@pytest.mark.usefixtures("open_umask")
def test_folders_that_are_there_are_left_to_those_who_made_them(tmp_path: Path) -> None:
    (tmp_path / ".config").mkdir(mode=0o755)
    path = tmp_path / ".config" / "tensormesh" / "auth.json"

    with private_files.locked(path):
        private_files.write(path, "text")

    assert mode(path.parent.parent) == 0o755


@pytest.mark.usefixtures("open_umask")
@pytest.mark.parametrize(
    "arguments",
    [
        ["config", "init", "--path", "{}/tm.toml"],
        ["config", "init", "--config", "{}/tm.toml"],
        ["config", "init", "--force", "--path", "{}/link.toml"],
    ],
)
def test_a_folder_of_somebody_who_keeps_other_things_there_stays_open(
    offline: Tm, tmp_path: Path, arguments: list[str]
) -> None:
    project = tmp_path / "project"
    project.mkdir(mode=0o755)
    (project / "link.toml").symlink_to(tmp_path / "elsewhere" / "tm.toml")

    assert offline(*(word.format(project) for word in arguments)).code == 0

    assert mode(project) == 0o755


@pytest.mark.usefixtures("open_umask")
def test_a_sync_into_a_named_file_leaves_its_folder_open(tm: Tm, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir(mode=0o755)
    (project / "tm.toml").touch()

    tm.ok("init", "--sync", "--config", str(project / "tm.toml"))

    assert (mode(project), mode(project / "tm.toml")) == (0o755, 0o600)


@pytest.mark.usefixtures("open_umask")
def test_a_home_that_leads_to_a_file_elsewhere_is_closed_alone(offline: Tm, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    for folder in (dotfiles, offline.home):
        folder.mkdir(mode=0o755)
    (dotfiles / "tm.toml").touch()
    (offline.home / "config.toml").symlink_to(dotfiles / "tm.toml")

    assert offline("config", "init", "--force").code == 0

    assert (mode(dotfiles), mode(offline.home)) == (0o755, 0o700)


def odd_file(kind: str, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to(ZERO)
        case "link to a pipe":
            os.mkfifo(path.with_name("pipe"))
            path.symlink_to("pipe")
        case "folder":
            path.mkdir()


KINDS = ["pipe", "device", "link to a pipe", "folder"]


@cases("kind", KINDS)
@cases("name", NAMES)
def test_what_is_no_file_is_neither_read_nor_waited_for(offline: Tm, kind: str, name: str) -> None:
    odd_file(kind, offline.home / name)

    for command in (["billing", "balance"], ["auth", "refresh"], ["auth", "print-token", "--yes-i-know"]):
        outcome = offline(*command)
        assert outcome.code == 1
        assert outcome.stderr == (
            f"Error: {offline.home / name} cannot be "
            f"{'written' if name == 'auth.json' and command[1] == 'refresh' else 'read'}: it is no regular file\n"
            "Hint: fix that, or have TM_CONFIG_HOME name another folder\n"
        )
    for command in (["doctor"], ["auth", "status"], ["init"]):
        assert offline(*command).code == 0
    assert "it is no regular file" in offline("doctor").stdout


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_not_written_over(anonymous: Tm, browser: list[str], kind: str) -> None:
    for name, command in (("auth.json", ["auth", "login"]), ("config.toml", ["config", "init", "--force"])):
        path = anonymous.home / name
        odd_file(kind, path)

        outcome = anonymous(*command)

        assert outcome.code == 1
        assert f"{path} cannot be written: it is no regular file" in outcome.stderr
        assert not stat.S_ISREG(path.stat().st_mode)
        if path.with_name("pipe").exists():
            path.with_name("pipe").unlink()
    assert ZERO.is_char_device()
    assert browser == []


def test_a_login_in_a_pipe_is_not_forgotten_by_removing_it(offline: Tm) -> None:
    odd_file("pipe", offline.home / "auth.json")

    assert offline("auth", "logout").code == 1


def test_a_pipe_may_bring_settings_where_it_was_named(offline: Tm, tmp_path: Path) -> None:
    """Such as from a program that decrypts them."""
    pipe = tmp_path / "settings"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("max_retries = 3\n",))
    writer.start()

    shown = offline.ok("config", "show", "--config", str(pipe))
    writer.join()

    assert shown["max_retries"] == 3


@cases("name", NAMES)
def test_a_file_without_end_is_not_read_to_it(offline: Tm, name: str) -> None:
    offline.home.mkdir()
    with (offline.home / name).open("wb") as file:
        file.truncate(private_files.MOST_BYTES + 1)

    outcome = offline("billing", "balance")

    assert outcome.code == 1
    assert "has more than 1,048,576 bytes" in outcome.stderr


def test_a_file_that_becomes_a_pipe_is_not_waited_for(
    offline: Tm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "auth.json"
    path.write_text("{}")
    regular = os.stat(path)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(os, "stat", lambda *_: regular)

    with pytest.raises(CliError, match="it is no regular file"):
        private_files.read(path)


def test_a_mark_at_the_beginning_of_a_file_is_none_of_its_text(offline: Tm) -> None:
    """As editors of Windows write it."""
    offline.home.mkdir()
    (offline.home / "config.toml").write_bytes(b"\xef\xbb\xbfmax_retries = 3\r\n[overrides]\r\n")
    (offline.home / "auth.json").write_bytes(b'\xef\xbb\xbf{"access_token": "a"}\r\n')

    found = offline.ok("doctor")

    assert (found["config"]["ok"], found["ready"]["control_plane"]) == (True, True)
    assert offline.ok("config", "show")["max_retries"] == 3


ROOM = """
import sys
from pathlib import Path
from tensormesh_cli.settings import private_files
path, events, text = Path(sys.argv[1]), [], "longer than the room that was made for it " * 9
with private_files.locked(path), private_files.room(path, 64) as put:
    sys.addaudithook(lambda name, given: events.append(name) if name in ("open", "import", "os.rename") else None)
    put(text)
    print(*events)
"""


def test_what_room_was_made_for_is_put_there_without_opening_anything(tmp_path: Path) -> None:
    path = tmp_path / "auth.json"

    done = subprocess.run([sys.executable, "-c", ROOM, str(path)], capture_output=True, text=True, check=True)

    assert done.stdout == "os.rename\n"
    assert path.read_text().startswith("longer than the room")
    assert mode(path) == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == [".auth.json.lock", "auth.json"]


@pytest.mark.parametrize("text", ["", "short", "as long as the room, or longer " * 9])
def test_nothing_of_the_room_is_left_around_a_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "auth.json"

    with private_files.locked(path), private_files.room(path, 64) as put:
        put(text)

    assert path.read_text() == text


def test_room_that_was_not_needed_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "auth.json"
    path.write_text("old")

    with pytest.raises(CliError, match="no"), private_files.locked(path), private_files.room(path, 64):
        raise CliError("unreachable", "no")

    assert path.read_text() == "old"
    assert not (tmp_path / ".auth.json.new").exists()
