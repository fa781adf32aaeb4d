"""The file that leads a shell to a host: made anew, for its owner alone, and gone with the host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tensormesh_local.env_file import env_file, env_text

VARIABLES = {"TENSORMESH_SERVERLESS_BASE_URL": "http://127.0.0.1:1/serverless", "TENSORMESH_INFERENCE_API_KEY": "it's"}
EARLIER = {"TENSORMESH_SERVERLESS_BASE_URL": "http://127.0.0.1:2/serverless", "TENSORMESH_INFERENCE_API_KEY": "x y"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "env"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_it_is_what_a_shell_reads(place: Path) -> None:
    with env_file(place, {"A": "x y", "B": "it's"}):
        assert place.read_text() == "export A='x y'\nexport B='it'\"'\"'s'\n"

    assert not place.exists()


@pytest.mark.usefixtures("open_umask")
def test_nobody_else_has_a_hand_in_it(tmp_path: Path) -> None:
    """Whoever may write to a folder may put another file there, which the shell would run."""
    place = tmp_path / ".local" / "below" / "env"

    with env_file(place, VARIABLES):
        assert [mode(one) for one in (place, place.parent, place.parent.parent)] == [0o600, 0o700, 0o700]


@pytest.mark.parametrize("target", ["file", "dangling", "/dev/null", "."])
def test_a_planted_link_gives_way_and_leads_nowhere(tmp_path: Path, place: Path, target: str) -> None:
    led = tmp_path / target
    if target == "file":
        led.write_text("precious")
    place.symlink_to(led)

    with env_file(place, VARIABLES):
        assert not place.is_symlink()
        assert place.read_text() == env_text(VARIABLES)
        assert target != "file" or led.read_text() == "precious"

    assert not place.exists()
    assert led.exists() is (target != "dangling")
    assert target != "file" or led.read_text() == "precious"


def test_a_link_to_a_file_of_a_host_is_not_followed_either(tmp_path: Path, place: Path) -> None:
    led = tmp_path / "theirs"
    led.write_text(env_text(EARLIER))
    place.symlink_to(led)

    with env_file(place, VARIABLES):
        pass

    assert led.read_text() == env_text(EARLIER)


@pytest.mark.parametrize("content", ["", "\n", env_text(EARLIER)])
def test_what_an_earlier_host_has_left_is_replaced_and_its_mode_with_it(place: Path, content: str) -> None:
    place.write_text(content)
    place.chmod(0o644)

    with env_file(place, VARIABLES):
        assert (place.read_text(), mode(place)) == (env_text(VARIABLES), 0o600)

    assert not place.exists()


@pytest.mark.parametrize(
    "content",
    [
        "precious",
        "#!/bin/sh\n",
        "export TENSORMESH_INFERENCE_API_KEY=sk-of-the-service\n",
        "export OTHER=1\n" + env_text(EARLIER),
        env_text(EARLIER) + "rm -rf /\n",
        env_text(EARLIER | {"TENSORMESH_SERVERLESS_BASE_URL": "https://serverless.tensormesh.ai"}),
        "export A='\n",
        "\x00\xff",
        "export TENSORMESH_SERVERLESS_BASE_URL=http://x TENSORMESH_INFERENCE_API_KEY=y\n\n",
    ],
)
def test_what_somebody_else_has_written_is_not_written_over(place: Path, content: str) -> None:
    place.write_text(content)

    with pytest.raises(OSError, match="no local host wrote it; name another file, or remove it"):
        env_file(place, VARIABLES).__enter__()

    assert place.read_text() == content


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (Path("/dev/null"), tmp_path, tmp_path / "pipe"):
        with pytest.raises(OSError, match="it is there already and no regular file"):
            env_file(place, VARIABLES).__enter__()
        assert place.exists()


def written_over(place: Path) -> None:
    place.write_text("mine")


def put_there_anew(place: Path) -> None:
    """With the same words, as by a host on the same port."""
    place.with_name("new").write_text(place.read_text())
    place.with_name("new").replace(place)


def linked(place: Path) -> None:
    place.with_name("target").write_text(place.read_text())
    place.unlink()
    place.symlink_to(place.with_name("target"))


def made_a_pipe(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


@pytest.mark.parametrize("change", [written_over, put_there_anew, linked, made_a_pipe])
def test_what_somebody_has_put_there_since_stays(place: Path, change: object) -> None:
    assert callable(change)
    with env_file(place, VARIABLES):
        change(place)

    assert os.path.lexists(place)
    assert change is not linked or place.with_name("target").exists()


def test_what_is_gone_already_is_no_error(place: Path) -> None:
    with env_file(place, VARIABLES):
        place.unlink()


def test_a_folder_may_be_reached_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    with env_file(tmp_path / "link" / "env", VARIABLES):
        assert (tmp_path / "real" / "env").is_file()


def test_nothing_lies_beside_it_where_it_cannot_be_put_there(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space left"):
        env_file(place, VARIABLES).__enter__()

    assert list(place.parent.iterdir()) == []
