"""What is kept of a login or a key goes to the host that it comes from, whatever leads a command elsewhere."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tensormesh_cli.errors import CliError
from tensormesh_cli.settings.homes import Home, check, is_home
from tensormesh_cli.settings.precedence import resolve
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm

SERVICE, SERVERLESS = "https://api.tensormesh.ai", "https://serverless.tensormesh.ai"
ELSEWHERE = "https://elsewhere.example"
VARIABLES = {
    "controlplane_base": "TENSORMESH_CONTROL_PLANE_BASE_URL",
    "serverless_base": "TENSORMESH_SERVERLESS_BASE_URL",
    "gateway_base": "TENSORMESH_ON_DEMAND_BASE_URL",
}
LOGIN = [
    ["auth", "refresh"],
    ["auth", "whoami"],
    ["auth", "print-token", "--yes-i-know"],
    ["billing", "balance"],
    ["init", "--sync"],
    ["logs", "some-deployment"],
    ["contract", "--surface", "control-plane", "--gentle"],
]
INFERENCE = [
    ["infer", "chat", "Hello", "--model", "m"],
    ["infer", "responses", "Hello", "--model", "m", "--no-stream"],
    ["infer", "models"],
    ["infer", "health"],
    ["contract", "--gentle"],
]

type Lead = Callable[[Tm, str, str], list[str]]


@pytest.fixture(scope="session")
def others() -> Iterator[LocalHost]:
    """A host of somebody else, that is never to hear of us."""
    with LocalHost() as other:
        yield other


@pytest.fixture
def other(others: LocalHost) -> LocalHost:
    others.reset()
    return others


def by_variable(tm: Tm, name: str, base: str) -> list[str]:
    tm.env[VARIABLES[name]] = base
    return []


def by_flag(tm: Tm, name: str, base: str) -> list[str]:
    return ["--controlplane-base" if name == "controlplane_base" else "--base-url", base]


def by_file(tm: Tm, name: str, base: str) -> list[str]:
    """Whatever else the file says."""
    tm.env.pop(VARIABLES[name], None)
    path = tm.home / "config.toml"
    before = path.read_text() if path.exists() else ""
    tm.home.mkdir(exist_ok=True)
    path.write_text(f'{name} = "{base}"\n{before}')
    return []


def by_another_file(tm: Tm, name: str, base: str) -> list[str]:
    tm.env.pop(VARIABLES[name], None)
    path = tm.home.parent / "theirs.toml"
    path.write_text(f'{name} = "{base}"\n')
    return ["--config", str(path)]


def by_table(tm: Tm, name: str, base: str) -> list[str]:
    """Beside a key that was found, and that nobody wrote there."""
    tm.env.pop(VARIABLES[name], None)
    path = tm.home / "config.toml"
    path.write_text(f'{path.read_text()}\n[overrides]\n{name} = "{base}"\n')
    return []


@pytest.fixture(params=[by_variable, by_flag, by_file, by_another_file])
def lead(request: pytest.FixtureRequest) -> Lead:
    found: Lead = request.param
    return found


@pytest.mark.parametrize("command", LOGIN)
def test_a_login_stays_with_its_host(
    logged_in: Tm, host: LocalHost, other: LocalHost, lead: Lead, command: list[str]
) -> None:
    before, count = (logged_in.home / "auth.json").read_bytes(), len(host.requests)

    outcome = logged_in(*command, *lead(logged_in, "controlplane_base", other.control_plane_base_url))

    assert outcome.code == 2
    assert f"You are logged in at {host.control_plane_base_url}, and this command goes to {other.base_url}" in (
        outcome.stderr
    )
    assert (len(host.requests), len(other.requests)) == (count, 0)
    assert (logged_in.home / "auth.json").read_bytes() == before


@pytest.mark.parametrize("command", [["auth", "refresh"], ["auth", "whoami"]])
@pytest.mark.parametrize(
    "said", [{}, {"controlplane_base": None}, {"controlplane_base": " "}, {"controlplane_base": 7}]
)
def test_a_login_that_does_not_say_its_host_is_one_of_the_service(
    logged_in: Tm, other: LocalHost, lead: Lead, command: list[str], said: dict[str, Any]
) -> None:
    path = logged_in.home / "auth.json"
    document = json.loads(path.read_text())
    del document["controlplane_base"]
    path.write_text(json.dumps(document | said))

    outcome = logged_in(*command, *lead(logged_in, "controlplane_base", other.control_plane_base_url))

    assert outcome.code == 2
    assert f"auth.json does not say where you are logged in, which stands for {SERVICE}" in outcome.stderr
    assert len(other.requests) == 0


def test_the_file_of_a_local_host_leads_no_login_there(logged_in: Tm, other: LocalHost) -> None:
    """Nor does it take its place: `auth.json` stays, and the variables bring what opens that host."""
    before = (logged_in.home / "auth.json").read_bytes()
    logged_in.env |= other.environment()

    assert logged_in("auth", "refresh").code == 2
    assert logged_in("auth", "whoami").code == 0
    assert (logged_in.home / "auth.json").read_bytes() == before
    assert [record.path for record in other.requests] == ["/control-plane/auth/profile"]


def test_a_login_is_not_refreshed_elsewhere_while_another_process_logs_in(logged_in: Tm, other: LocalHost) -> None:
    path = logged_in.home / "auth.json"
    ended = json.loads(path.read_text()) | {"expires_at": "2020-01-01T00:00:00Z"}
    path.write_text(json.dumps(ended | {"controlplane_base": other.control_plane_base_url}))

    assert logged_in("auth", "whoami").code == 2
    assert len(other.requests) == 0


@pytest.mark.parametrize("spelling", [str, "{}/".format, "{}//".format, "{}/v1".format, "{}/v1/".format, str.upper])
def test_a_host_is_the_same_however_it_is_spelt(logged_in: Tm, host: LocalHost, spelling: Callable[[str], str]) -> None:
    origin, path = host.base_url, host.control_plane_base_url.removeprefix(host.base_url)
    base = f"{spelling(origin)}{path}" if spelling is str.upper else spelling(f"{origin}{path}")

    assert logged_in("auth", "refresh", "--controlplane-base", base).code == 0
    assert logged_in("auth", "whoami").code == 0


@pytest.fixture
def synced(tm: Tm, host: LocalHost) -> Tm:
    """`tm` of somebody with a key that `tm init --sync` has found, and none in the environment."""
    tm.ok("init", "--sync")
    for name in ("TENSORMESH_INFERENCE_API_KEY", "TENSORMESH_CONTROL_PLANE_TOKEN"):
        del tm.env[name]
    return tm


def told(outcome: Any) -> str:
    assert outcome.code == 2, outcome
    assert "set TENSORMESH_INFERENCE_API_KEY to a key of" in outcome.stderr
    text: str = outcome.stderr
    return text


@pytest.mark.parametrize("command", INFERENCE)
@pytest.mark.parametrize("surface", ["serverless", "on-demand"])
@pytest.mark.parametrize("by", [by_variable, by_flag, by_file])
def test_a_key_that_was_found_stays_with_those_who_gave_it(
    synced: Tm, host: LocalHost, other: LocalHost, by: Lead, command: list[str], surface: str
) -> None:
    name = "serverless_base" if surface == "serverless" else "gateway_base"
    base = other.serverless_base_url if surface == "serverless" else other.on_demand_base_url
    if command[0] == "contract":  # its --host is asked with a key of its own
        by = by_variable
    if by is by_file and surface == "on-demand":
        by = by_table

    outcome = synced(
        *command,
        "--surface",
        surface,
        *by(synced, name, base),
        TENSORMESH_ON_DEMAND_USER_ID=host.on_demand_user_id,
    )

    assert f"that `tm init --sync` found is of {host.control_plane_base_url}, and" in told(outcome)
    assert len(other.requests) == 0


def test_a_key_that_was_found_opens_the_hosts_that_it_was_found_for(synced: Tm) -> None:
    assert synced("infer", "chat", "Hello").code == 0
    assert synced("infer", "models").code == 0
    assert synced("infer", "chat", "Hello", "--surface", "on-demand").code == 0


def test_a_key_of_a_local_host_does_not_go_to_the_service(synced: Tm) -> None:
    for name in VARIABLES.values():
        del synced.env[name]

    assert SERVERLESS in told(synced("infer", "chat", "Hello", "--model", "m"))
    assert "external.nebius.tensormesh.ai" in told(
        synced("infer", "chat", "Hello", "--model", "m", "--surface", "on-demand")
    )


def test_public_calls_go_without_a_key_that_is_not_for_their_host(synced: Tm, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, Any]] = []

    def connect(values: Any, names: tuple[str, ...], **arguments: Any) -> Any:
        given.append({"names": names, **arguments})
        raise CliError("unreachable", "Nobody is asked.")

    monkeypatch.setattr("tensormesh_cli.client.connect", connect)
    for name in VARIABLES.values():
        del synced.env[name]

    assert synced("infer", "models").code == 7
    assert [one["names"] for one in given] == [("serverless_base",)]


@pytest.mark.parametrize("said", ["", 'gateway_api_key_from = "https://api.tensormesh.ai"\n'])
def test_a_key_that_was_found_at_the_service_stays_there(offline: Tm, host: LocalHost, said: str) -> None:
    tm = offline
    tm.home.mkdir()
    (tm.home / "config.toml").write_text(f'[managed]\ngateway_api_key = "ak-of-the-service"\n{said}')

    told(tm("infer", "chat", "Hello", "--model", "m", "--base-url", host.serverless_base_url))
    told(tm("infer", "chat", "Hello", "--model", "m", TENSORMESH_SERVERLESS_BASE_URL=host.serverless_base_url))
    (tm.home / "config.toml").write_text(
        f'serverless_base = "{host.serverless_base_url}"\n[managed]\ngateway_api_key = "ak-of-the-service"\n{said}'
    )
    told(tm("infer", "chat", "Hello", "--model", "m"))
    assert len(host.requests) == 0


def test_a_key_that_was_written_by_hand_goes_where_its_file_says(
    offline: Tm, host: LocalHost, other: LocalHost
) -> None:
    tm = offline
    tm.home.mkdir()
    (tm.home / "config.toml").write_text(
        f'serverless_base = "{host.serverless_base_url}"\n[overrides]\n'
        f'gateway_base = "{host.on_demand_base_url}"\ngateway_api_key = "{host.inference_api_key}"\n'
        f'gateway_user_id = "{host.on_demand_user_id}"\n'
    )

    assert tm("infer", "chat", "Hello").code == 0
    assert tm("infer", "models", "--surface", "on-demand").code == 0
    told(tm("infer", "chat", "Hello", TENSORMESH_SERVERLESS_BASE_URL=other.serverless_base_url))
    told(tm("infer", "models", "--surface", "on-demand", "--base-url", other.on_demand_base_url))
    assert len(other.requests) == 0


def test_a_key_of_the_environment_goes_where_the_environment_says(synced: Tm, other: LocalHost) -> None:
    """Nobody keeps it but whoever leads the command."""
    synced.env |= other.environment()

    assert synced("infer", "chat", "Hello").code == 0
    assert len(other.requests) == 2


def test_doctor_and_status_say_whose_key_it_is(synced: Tm, host: LocalHost, other: LocalHost) -> None:
    synced.env["TENSORMESH_SERVERLESS_BASE_URL"] = other.serverless_base_url

    found = synced.ok("doctor")

    assert "serverless_api_key" in found["missing"]
    assert (found["serverless"]["ready"], found["serverless"]["api_key_state"]) == (False, "elsewhere")
    assert found["gateway"]["api_key_state"] == "ok"
    line = f"is for {host.control_plane_base_url}, not for {other.serverless_base_url}"
    assert line in synced("doctor").stdout
    assert line in synced("infer", "doctor").stdout
    assert line not in synced("infer", "doctor", "--surface", "on-demand").stdout
    assert f"and not for {other.serverless_base_url}" in synced("auth", "status").stdout


def test_a_sync_writes_down_whose_key_it_has_found(tm: Tm, host: LocalHost) -> None:
    tm.ok("init", "--sync")

    found = tomllib.loads((tm.home / "config.toml").read_text())["managed"]

    assert found["gateway_api_key_from"] == host.control_plane_base_url
    assert found["gateway_api_key_hosts"] == [host.serverless_base_url, host.on_demand_base_url]


def test_hosts_of_the_service_are_not_those_of_another_control_plane(tm: Tm, host: LocalHost) -> None:
    del tm.env["TENSORMESH_SERVERLESS_BASE_URL"]

    tm.ok("init", "--sync")

    found = tomllib.loads((tm.home / "config.toml").read_text())["managed"]
    assert found["gateway_api_key_hosts"] == [host.on_demand_base_url]


@cases(
    ("base", "home"),
    [
        (SERVICE, True),
        ("https://API.tensormesh.ai:443/v1/", True),
        (" https://api.tensormesh.ai ", True),
        ("http://api.tensormesh.ai", False),
        ("https://api.tensormesh.ai:8443", False),
        ("https://api.tensormesh.ai/elsewhere", False),
        ("https://api.tensormesh.ai.evil.example", False),
        ("https://api.tensormesh.ai@evil.example", False),
        ("https://user@api.tensormesh.ai", False),
        ("https://evil.example/https://api.tensormesh.ai", False),
        ("https://evil.example?https://api.tensormesh.ai", False),
        (SERVERLESS, False),
        ("api.tensormesh.ai", False),
        ("https://[::1", False),
        ("https://api.tensormesh.ai:port", False),
        ("", False),
    ],
)
def test_a_login_has_one_host(base: str, home: bool) -> None:
    assert is_home(Home("You are logged in at", (SERVICE,)), base) is home


@cases(
    ("base", "home"),
    [
        (SERVERLESS, True),
        ("https://external.nebius.tensormesh.ai", True),
        ("https://external.lambda.tensormesh.ai/v1", True),
        ("https://external.evil.example.tensormesh.ai", False),
        ("https://external.nebius.tensormesh.ai.evil.example", False),
        ("http://serverless.tensormesh.ai", False),
        ("https://serverless.tensormesh.ai/else", False),
        (SERVICE, False),
    ],
)
def test_a_key_of_the_service_opens_all_its_hosts_for_inference(base: str, home: bool) -> None:
    key = resolve({}, {}, {"managed": {"gateway_api_key": "ak"}})["gateway_api_key"]

    assert key.home is not None
    assert is_home(key.home, base) is home


@cases(
    "document",
    [
        {"overrides": {"gateway_api_key": "ak"}},
        {"overrides": {"gateway_api_key": "ak", "gateway_provider": "a/b"}},
        {"managed": {"gateway_api_key": "ak", "gateway_api_key_from": 7, "gateway_api_key_hosts": [7]}},
        {"managed": {"gateway_api_key": "ak", "gateway_api_key_from": SERVICE, "gateway_api_key_hosts": [ELSEWHERE]}},
    ],
)
def test_whatever_a_file_says_a_key_does_not_go_where_only_a_variable_leads(document: dict[str, Any]) -> None:
    environ = {"TENSORMESH_SERVERLESS_BASE_URL": ELSEWHERE}

    key = resolve({"gateway_provider": "nebius"}, environ, document)["gateway_api_key"]

    assert key.home is not None
    assert not is_home(key.home, ELSEWHERE)
    assert is_home(key.home, SERVERLESS)


def test_a_password_in_an_address_is_not_told() -> None:
    with pytest.raises(CliError) as caught:
        check(
            Home("You are logged in at", ("https://me:s3cret@here.example",), None, "log in at {base}"),
            "https://me:s3cret@there.example",
            "--controlplane-base",
        )

    assert "s3cret" not in f"{caught.value.message} {caught.value.hint}"
    assert "https://***@there.example" in caught.value.message
