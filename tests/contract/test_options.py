"""What the options of the command mean, and which do not fit."""

from __future__ import annotations

import pytest

from tensormesh_contract.command_line import SURFACES, contract
from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.hosts.target import Target, TargetError, checked_url, guessed_surface, is_local
from tensormesh_contract.options import Options
from tensormesh_contract.requests.plan import PHASES
from tests.contract.conftest import main

USER = "3f0d9c1e-7a64-4b52-9d7e-2c58f1a6b0e4"
REMOTE = "https://serverless.tensormesh.ai"


def options(*arguments: str) -> Options:
    given = dict(contract.make_context("contract", [*arguments]).params)
    del given["quiet"]
    return Options(**given)


def target(*arguments: str, **environment: str) -> Target | None:
    return options(*arguments).target(environment)


def test_without_a_host_everything_is_tried_on_local_ones() -> None:
    found = options()

    assert (found.target({}), found.surfaces, found.pace) == (None, [*SurfaceName], None)
    assert found.plan is not None
    assert tuple(found.plan.phases) == PHASES


def test_every_surface_can_be_named() -> None:
    assert [*SURFACES] == [*SurfaceName]


def test_a_host_on_another_machine_is_treated_gently_and_slowly() -> None:
    found = options("--host", REMOTE)

    assert (found.plan, found.pace) == (None, 1.0)


def test_changes_on_another_machine_are_sent_when_allowed_and_slowly_still() -> None:
    found = options("--host", REMOTE, "--allow-changes")

    assert found.plan is not None
    assert found.pace == 1.0


@pytest.mark.parametrize("url", ["http://127.0.0.1:8801", "http://localhost:1/x", "http://[::1]:8000"])
def test_a_host_on_this_machine_is_given_everything_unless_asked_to_be_gentle(url: str) -> None:
    assert options("--host", url).plan is not None
    assert options("--host", url, "--gentle").plan is None


@pytest.mark.parametrize(
    "url", [REMOTE, "http://10.0.0.1", "http://example.localhost.evil.com", "http://127.0.0.1.nip.io"]
)
def test_another_machine_is_not_taken_for_this_one(url: str) -> None:
    assert not is_local(url)


@pytest.mark.parametrize(
    ("url", "user_id", "expected"),
    [
        (REMOTE, "", SurfaceName.SERVERLESS),
        ("https://api.tensormesh.ai", "", SurfaceName.CONTROL_PLANE),
        ("https://external.nebius.tensormesh.ai", "", SurfaceName.ON_DEMAND),
        ("https://host.example", USER, SurfaceName.ON_DEMAND),
        ("http://127.0.0.1:8765/control-plane", "", SurfaceName.CONTROL_PLANE),
        ("http://127.0.0.1:8765/on-demand/", "", SurfaceName.ON_DEMAND),
        ("http://127.0.0.1:8801", "", SurfaceName.SERVERLESS),
    ],
)
def test_the_surface_is_guessed_from_the_host(url: str, user_id: str, expected: SurfaceName) -> None:
    assert guessed_surface(url, user_id) is expected


def test_the_key_is_read_from_the_environment() -> None:
    def key(*arguments: str, **environment: str) -> str:
        found = target("--host", REMOTE, *arguments, **environment)
        assert found is not None
        return found.credentials.key

    assert key(KEY="a", TENSORMESH_INFERENCE_API_KEY="b") == "a"
    assert key(TENSORMESH_INFERENCE_API_KEY="b", TENSORMESH_CONTROL_PLANE_TOKEN="c") == "b"
    assert key("--surface", "control-plane", TENSORMESH_CONTROL_PLANE_TOKEN="c") == "c"
    assert key("--key-env", "MINE", MINE="d", KEY="a") == "d"
    assert key() == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "nowhere"], "A host is an address such as"),
        (["--host", "https://user:hunter2@host"], "must not hold a password"),
        (["--host", "user:hunter2@host"], "must not hold a password"),
        (["--host", "ftp://user:hunter2@[::1"], "must not hold a password"),
        (["--host", "https://host", "--user-id", "hunter2\u00e9"], "--user-id must be visible ASCII"),
        (["--host", "https://host", "--surface", "on-demand"], "--user-id"),
        (["--allow-changes"], "without --host"),
        (["--user-id", USER], "without --host"),
        (["--host", ""], "A host is an address such as"),
        (["--host", "http://a..b"], "A host is an address such as"),
        (["--host", "http://xn--/"], "A host is an address such as"),
        (["--host", "http://a\x01b"], "A host is an address such as"),
    ],
)
def test_options_that_do_not_fit_are_refused(arguments: list[str], words: str) -> None:
    with pytest.raises(TargetError, match=words) as caught:
        target(*arguments)

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("key", ["hunter2\u00e9", "hunter2 and more", "hunter2\nx", "hunter2\x00"])
@pytest.mark.parametrize("variable", ["KEY", "TENSORMESH_INFERENCE_API_KEY"])
def test_a_key_that_cannot_be_one_is_refused_and_not_repeated(variable: str, key: str) -> None:
    with pytest.raises(TargetError, match=f"{variable} must be visible ASCII") as caught:
        target("--host", "https://host", **{variable: key})

    assert "hunter2" not in str(caught.value)


def test_certificates_that_the_environment_names_are_trusted() -> None:
    found = target("--host", REMOTE, SSL_CERT_FILE="/my.pem")

    assert found is not None
    assert found.certificates == "/my.pem"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--phases", "nope"], f"there is no phase 'nope'; there are {', '.join(PHASES)}."),
        (["--cases", "0"], "0 is not in the range x>=1."),
        (["--rate", "0"], "0.0 is not in the range x>0."),
        (["--rate", "x"], "'x' is not a valid float range."),
        (["--rate", "nan"], "nan is no number of requests."),
        (["--rate", "inf"], "inf is no number of requests."),
        (["--surface", "on_demand"], f"'on_demand' is not one of {', '.join(map(repr, SURFACES))}."),
    ],
)
def test_a_wrong_value_is_refused(arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2

    assert capsys.readouterr().err.endswith(f"Error: Invalid value for '{arguments[0]}': {reason}\n")


def test_an_address_loses_what_does_not_belong_to_it() -> None:
    assert checked_url("https://host/x/?a=b#c") == "https://host/x"
