"""`tm auth login`, approved in a real browser; host, command and browser are processes of their own."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.cli import chromium
from tests.cli.chromium import Session, until
from tests.cli.processes import TM
from tests.programs import kept_environment
from tools.clean_room import local_host

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def programs() -> tuple[str, str]:
    return chromium.needed()


@pytest.fixture(scope="module")
def driver(programs: tuple[str, str]) -> Iterator[httpx.Client]:
    with chromium.driver(programs[1]) as client:
        yield client


@pytest.fixture(scope="module")
def host(programs: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    with local_host(sys.executable, tmp_path_factory.mktemp("host"), PYTHONPATH=str(ROOT)) as variables:
        yield variables


@pytest.fixture
def environment(host: Mapping[str, str], tmp_path: Path) -> dict[str, str]:
    """Of somebody who has just installed `tm`: addresses, and not one credential."""
    (tmp_path / "tm").write_text(f'#!/bin/sh\nexec {" ".join(TM)} "$@"\n')
    (tmp_path / "tm").chmod(0o755)
    addresses = {name: value for name, value in host.items() if name.endswith("_BASE_URL")}
    folders = os.pathsep.join([str(tmp_path), str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {"PATH": folders, "PYTHONPATH": str(ROOT), "TM_CONFIG_HOME": str(tmp_path / "home")}
    return kept_environment() | addresses | own


LINES = """\
tm auth login
USER_ID="$(tm --output json auth whoami | python3 -c 'import json,sys; print(json.load(sys.stdin)["user"]["id"])')"
tm users api-keys create --user-id "$USER_ID" --name sdk-key --yes
"""
"""As the guide about credentials has them."""


def test_the_shell_lines_of_the_guide_run_with_a_login_in_a_real_browser(
    programs: tuple[str, str],
    driver: httpx.Client,
    host: Mapping[str, str],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    """`tm` starts the browser by itself, somebody looks at the page and presses the button, and the lines go on."""
    profile, base = tmp_path / "profile", host["TENSORMESH_CONTROL_PLANE_BASE_URL"]
    environment["BROWSER"] = str(chromium.launcher(tmp_path / "browser", programs[0], profile))
    shell = subprocess.Popen(
        ["bash", "-e", "-c", LINES],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        session = Session(driver, {"debuggerAddress": until(lambda: chromium.debugger(profile))})
        until(lambda: session.switch_to(base) or None)
        session.await_heading("Approve this login?")
        address, (seen,), (chosen,) = session.url, session.texts("body"), session.texts("label:has(input:checked)")
        session.click("button[value=approve]")
        session.await_heading("Login approved")
        stdout, stderr = shell.communicate(timeout=chromium.SECONDS)
        session.close()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)  # the browser stays open after the login
        shell.communicate()

    assert shell.returncode == 0, stderr
    # The page says what is about to be approved: this login, by its code, for one of these accounts.
    code = address.partition("code=")[2]
    words = " ".join(seen.split())
    assert words.startswith(f"Approve this login? A command line asks to be logged in, with the code {code} Approve")
    assert "Ada Moreau (ada.moreau@example.com)" in chosen
    assert f"Open browser: {address}\n" in stderr
    # The token is there, for nobody else.
    file = tmp_path / "home" / "auth.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["access_token"] not in stdout + stderr
    # And what the lines are about: a key that opens inference.
    assert stdout.startswith(f"You are logged in at {base}.\napiKey:\n  id: ")
    assert "  name: sdk-key\n" in stdout
    key = stdout.partition("  id: ")[2].partition("\n")[0]
    asked = [*TM, "infer", "chat", "Say hello", "--quiet"]
    answer = subprocess.run(
        asked, env=environment | {"TENSORMESH_INFERENCE_API_KEY": key}, capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stdout) == (0, "hello\n"), answer.stderr


def test_a_login_that_is_denied_in_a_real_browser_leaves_nothing(
    programs: tuple[str, str], driver: httpx.Client, environment: dict[str, str], tmp_path: Path
) -> None:
    """The address that `tm` prints is opened by hand."""
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    login = [*TM, "auth", "login", "--no-open-browser"]
    with (
        chromium.browser(driver, programs[0], profile) as session,
        subprocess.Popen(login, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tm,
    ):
        try:
            assert tm.stderr is not None
            session.open(tm.stderr.readline().removeprefix("Open browser: ").strip())
            session.await_heading("Approve this login?")
            session.click("button[value=deny]")
            session.await_heading("Login denied")
            stdout, stderr = tm.communicate(timeout=chromium.SECONDS)
        finally:
            tm.kill()

    assert (tm.returncode, stdout) == (3, "")
    assert stderr.startswith("Error: ")
    assert not (tmp_path / "home" / "auth.json").exists()


def opened(address: str, folder: Path, **variables: str) -> bool:
    """Whether a page is opened, where the only browser is one of the terminal."""
    (folder / "w3m").write_text(f'#!/bin/sh\necho "$1" > "{folder}/seen"\n')
    (folder / "w3m").chmod(0o755)
    environment = {"PATH": f"{folder}:/bin", "TERM": "xterm", "PYTHONPATH": str(ROOT)} | variables
    script = f"from tensormesh_cli.login.browser import open_page; open_page({address!r})"

    subprocess.run([sys.executable, "-c", script], env=environment, check=True)

    return (folder / "seen").exists()


@pytest.mark.parametrize(("variables", "expected"), [({}, False), ({"BROWSER": "w3m"}, True)])
def test_a_browser_of_the_terminal_is_opened_for_those_only_who_want_it(
    variables: dict[str, str], expected: bool, tmp_path: Path
) -> None:
    """On a server it would take the place of the address, for a page that it can hardly show."""
    assert opened("http://127.0.0.1:9/", tmp_path, **variables) is expected


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "--help"])
def test_an_address_that_is_no_web_page_is_not_opened(address: str, tmp_path: Path) -> None:
    assert not opened(address, tmp_path, BROWSER="w3m")
