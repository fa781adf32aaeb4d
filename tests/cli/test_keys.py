"""A key for each surface: which is sent where, what `tm init --sync` keeps, and what `tm doctor` makes of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh_cli.settings.precedence import resolve
from tensormesh_local import LocalHost, Options
from tests.cases import cases
from tests.cli.conftest import Tm

KEYLESS = {"TENSORMESH_INFERENCE_API_KEY": ""}
TOKENLESS = {"TENSORMESH_CONTROL_PLANE_TOKEN": ""}


def settings(tm: Tm) -> dict[str, Any]:
    return tomllib.loads((tm.home / "config.toml").read_text())


def write(tm: Tm, text: str) -> None:
    tm.home.mkdir(exist_ok=True)
    (tm.home / "config.toml").write_text(text)


@pytest.fixture(scope="module")
def running() -> Iterator[LocalHost]:
    """A host on which a deployment is up at once."""
    with LocalHost(Options(deploy_seconds=0)) as host:
        yield host


@pytest.fixture
def deployed(logged_in: Tm) -> Tm:
    """`tm` of somebody whose one deployment has a key of its own, as those of the service have."""
    for model in logged_in.ok("models", "list")["models"]:
        logged_in.ok("models", "delete", model["modelId"], "--yes")
    name, path = ["--model-name", "mine"], ["--model-path", "openai/gpt-oss-20b"]
    found = logged_in.ok("models", "deploy", *name, *path, "--gpu-count", "1", "--yes", "--show-secrets")
    assert found["model"]["apiKey"].startswith("dk-local-")
    return logged_in


def forget_api_keys(tm: Tm) -> None:
    for one in tm.ok("users", "api-keys", "list", "--show-secrets")["apiKeys"]:
        tm.ok("users", "api-keys", "delete", "--api-key", one["id"], "--yes")


def the_older_file(tm: Tm, host: LocalHost) -> str:
    """What `tm init --sync` of an older release kept: one key, which is the one of the deployment."""
    key: str = tm.ok("models", "list", "--show-secrets")["models"][-1]["apiKey"]
    write(
        tm,
        f'[managed]\ngateway_api_key = "{key}"\ngateway_model_id = "mine"\n'
        f'gateway_user_id = "{host.on_demand_user_id}"\ngateway_api_key_from = "{host.control_plane_base_url}"\n'
        f'gateway_api_key_hosts = ["{host.serverless_base_url}", "{host.on_demand_base_url}"]\n',
    )
    return key


def test_the_three_lines_to_begin_with_serve_whoever_has_a_deployment(deployed: Tm, host: LocalHost) -> None:
    assert deployed("init", "--sync").code == 0

    assert deployed("infer", "chat", "Say hello").stdout == "hello\n"
    assert deployed("infer", "chat", "Say hello", "--surface", "on-demand").stdout == "hello\n"
    kept = settings(deployed)["managed"]
    assert kept["serverless_api_key"] == host.inference_api_key
    assert kept["gateway_api_key"] != host.inference_api_key
    assert deployed.ok("doctor", "--online")["ok"] is True


def test_a_sync_without_a_deployment_keeps_a_key_for_both(logged_in: Tm) -> None:
    for model in logged_in.ok("models", "list")["models"]:
        logged_in.ok("models", "delete", model["modelId"], "--yes")

    logged_in.ok("init", "--sync")

    assert "gateway_api_key" not in settings(logged_in)["managed"]
    assert logged_in("infer", "chat", "Say hello").code == 0
    assert logged_in("infer", "models", "--surface", "on-demand").code == 0


def test_a_sync_without_an_api_key_says_how_to_have_one(deployed: Tm) -> None:
    forget_api_keys(deployed)

    synced = deployed("init", "--sync")
    refused = deployed("infer", "chat", "Say hello")

    advice = "`tm users api-keys create --name tm --store`"
    assert advice in synced.stderr
    assert refused.code == 3
    assert "the key is the one of the deployment mine, and serverless takes API keys" in refused.stderr
    assert advice in refused.stderr
    assert deployed("doctor", "--exit-status").code == 1
    assert advice in deployed("doctor").stdout
    assert deployed("infer", "chat", "Say hello", "--surface", "on-demand").code == 0


def test_what_to_begin_with_is_what_works(deployed: Tm) -> None:
    forget_api_keys(deployed)
    deployed("init", "--sync")
    assert 'You can begin: `tm infer chat "Hello!" --surface on-demand`.' in deployed("init").stdout

    deployed("users", "api-keys", "create", "--name", "tm", "--store", "--yes")
    assert 'You can begin: `tm infer chat "Hello!"`.' in deployed("init").stdout


def test_the_hint_for_a_refused_token_changes_what_is_sent(tm: Tm) -> None:
    outcome = tm("auth", "whoami", TENSORMESH_CONTROL_PLANE_TOKEN="wrong")

    assert outcome.code == 3
    assert "TENSORMESH_CONTROL_PLANE_TOKEN, which wins over a login: set or unset it" in outcome.stderr


def test_the_advice_leads_out(deployed: Tm) -> None:
    forget_api_keys(deployed)
    deployed("init", "--sync")

    assert deployed("users", "api-keys", "create", "--name", "tm", "--store", "--yes").code == 0

    assert deployed("infer", "chat", "Say hello").stdout == "hello\n"
    assert deployed("infer", "chat", "Say hello", "--surface", "on-demand").stdout == "hello\n"
    assert deployed.ok("doctor", "--online")["ok"] is True


def test_a_file_with_the_older_name_is_read(deployed: Tm, host: LocalHost) -> None:
    the_older_file(deployed, host)

    assert deployed("infer", "chat", "Say hello", "--surface", "on-demand").code == 0
    found = deployed.ok("doctor")
    assert found["ok"] is False
    assert found["missing"] == ["serverless_api_key"]
    assert (found["serverless"]["api_key_state"], found["gateway"]["api_key_state"]) == ("deployment", "ok")
    refused = deployed("infer", "chat", "Say hello")
    assert refused.code == 3
    assert "`tm init --sync`" in refused.stderr

    assert deployed("init", "--sync").code == 0
    assert deployed("infer", "chat", "Say hello").stdout == "hello\n"


@cases(
    ("file", "shared", "routed"),
    [
        ({"managed": {"gateway_api_key": "old"}}, "managed:gateway_api_key", "managed:gateway_api_key"),
        ({"overrides": {"gateway_api_key": "old"}}, "config:gateway_api_key", "config:gateway_api_key"),
        ({"serverless_api_key": "new"}, "config:serverless_api_key", "config:serverless_api_key"),
        ({"overrides": {"serverless_api_key": "new"}}, "config:serverless_api_key", "config:serverless_api_key"),
        ({"managed": {"serverless_api_key": "new"}}, "managed:serverless_api_key", "managed:serverless_api_key"),
        (
            {"managed": {"serverless_api_key": "new", "gateway_api_key": "old"}},
            "managed:serverless_api_key",
            "managed:gateway_api_key",
        ),
        (
            {"overrides": {"gateway_api_key": "mine"}, "managed": {"serverless_api_key": "new"}},
            "config:gateway_api_key",
            "config:gateway_api_key",
        ),
        (
            {"serverless_api_key": "mine", "managed": {"serverless_api_key": "new", "gateway_api_key": "old"}},
            "config:serverless_api_key",
            "managed:gateway_api_key",
        ),
    ],
)
def test_each_surface_has_its_key_or_that_of_the_other(file: dict[str, Any], shared: str, routed: str) -> None:
    found = resolve({}, {}, file)

    assert (found["serverless_api_key"].source, found["gateway_api_key"].source) == (shared, routed)


def test_a_variable_is_the_key_of_both() -> None:
    file = {"managed": {"serverless_api_key": "new", "gateway_api_key": "old"}}

    found = resolve({}, {"TENSORMESH_INFERENCE_API_KEY": "k"}, file)

    assert (found["serverless_api_key"].value, found["gateway_api_key"].value) == ("k", "k")


def test_each_key_that_was_found_stays_with_those_who_gave_it() -> None:
    """A key that another control plane has made since does not take the first one along."""
    file = {
        "managed": {
            "gateway_api_key": "of-the-service",
            "serverless_api_key": "of-another",
            "serverless_api_key_from": "http://127.0.0.1:1/control-plane",
            "serverless_api_key_hosts": ["http://127.0.0.1:1/serverless"],
        }
    }

    found = resolve({}, {}, file)

    homes = [home.hosts for item in ("gateway_api_key", "serverless_api_key") if (home := found[item].home)]
    assert homes == [
        ("https://serverless.tensormesh.ai",),
        ("http://127.0.0.1:1/control-plane", "http://127.0.0.1:1/serverless"),
    ]


@cases(
    ("place", "way_out"),
    [
        ("--api-key", "the key is the one of --api-key: give another"),
        (
            "variable",
            "the key is the one of TENSORMESH_INFERENCE_API_KEY, which wins over config.toml: set or unset it",
        ),
        ("overrides", "the key stands in config.toml as gateway_api_key: `tm config set serverless_api_key`"),
        ("top", "the key stands in config.toml as serverless_api_key: `tm config set serverless_api_key`"),
        ("managed", "`tm init --sync` found the key: run it again, or make one: `tm users api-keys create"),
    ],
)
def test_the_hint_for_a_refused_key_changes_what_is_sent(tm: Tm, host: LocalHost, place: str, way_out: str) -> None:
    env, arguments = dict(KEYLESS), ["infer", "chat", "Hello", "--model", "m"]
    own = f'serverless_base = "{host.serverless_base_url}"\n'
    match place:
        case "--api-key":
            arguments += ["--api-key", "wrong"]
        case "variable":
            env["TENSORMESH_INFERENCE_API_KEY"] = "wrong"
        case "overrides":
            write(tm, own + '[overrides]\ngateway_api_key = "wrong"\n')
        case "top":
            write(tm, own + 'serverless_api_key = "wrong"\n')
        case "managed":
            giver = f'serverless_api_key_from = "{host.control_plane_base_url}"'
            hosts = f'serverless_api_key_hosts = ["{host.serverless_base_url}"]'
            write(tm, f'[managed]\nserverless_api_key = "wrong"\n{giver}\n{hosts}\n')

    outcome = tm(*arguments, **env)

    assert outcome.code == 3
    assert way_out in outcome.stderr
    assert "`tm doctor --online`" in outcome.stderr


def test_doctor_tells_the_kinds_of_keys_apart(deployed: Tm, host: LocalHost) -> None:
    deployed("init", "--sync")

    text = deployed("doctor", "--online").stdout

    assert "which is the API key default" in text
    assert "which is the key of the deployment mine" in text


@pytest.mark.parametrize("accepted", [True, False])
def test_doctor_says_of_a_key_no_more_than_it_knows(offline: Tm, host: LocalHost, accepted: bool) -> None:
    """Without a login it knows of no kinds, and asks no host that needs to know who asks."""
    bases = {name: value for name, value in host.environment().items() if name.endswith("_BASE_URL")}
    key = host.inference_api_key if accepted else "wrong"

    text = offline("doctor", "--online", **bases, TENSORMESH_INFERENCE_API_KEY=key).stdout

    said = "accepts" if accepted else "does not accept"
    assert f"/serverless {said} the key from TENSORMESH_INFERENCE_API_KEY\n" in text
    assert "/on-demand" not in text
    assert "--user-id" not in text


@pytest.mark.parametrize("kind", ["deployment", "deleted", "ended", "unknown", "token"])
def test_doctor_asks_the_hosts_whether_they_accept_a_key(deployed: Tm, tm: Tm, host: LocalHost, kind: str) -> None:
    tm.env = {**deployed.env, "TENSORMESH_CONTROL_PLANE_TOKEN": host.control_plane_token}
    listed = tm.ok("users", "api-keys", "list", "--include-deleted", "--show-secrets")["apiKeys"]
    key, words = {
        "deployment": (
            tm.ok("models", "list", "--show-secrets")["models"][-1]["apiKey"],
            "the key of the deployment mine",
        ),
        "deleted": (next(one["id"] for one in listed if one.get("deletedAt")), "the API key first try, which was del"),
        "ended": (next(one["id"] for one in listed if one["name"] == "workshop"), "the API key workshop, which has en"),
        "unknown": ("ak-of-somebody", "a key that your account does not list"),
        "token": (host.control_plane_token, "is the token of the control plane"),
    }[kind]
    tm.env["TENSORMESH_INFERENCE_API_KEY"] = key

    offline, online = tm("doctor", "--exit-status"), tm("doctor", "--online", "--exit-status")

    assert words in online.stdout
    assert online.code == 1
    assert offline.code == (1 if kind == "token" else 0)
    assert tm("infer", "doctor", "--online", "--exit-status").code == 1
    assert key not in online.stdout + online.stderr


def test_doctor_says_whether_the_hosts_know_the_models(tm: Tm) -> None:
    write(tm, 'serverless_model = "no/such"\n[overrides]\ngateway_model_id = "none-such"\n')

    found = tm.ok("doctor", "--online")

    assert {"serverless_model_online", "gateway_model_id_online"} <= set(found["missing"])


def test_doctor_does_not_ask_hosts_without_being_told_to(tm: Tm, host: LocalHost) -> None:
    tm("doctor")
    tm("infer", "doctor")

    assert len(host.requests) == 0


def test_doctor_bills_nothing(tm: Tm, host: LocalHost) -> None:
    tm("doctor", "--online")

    assert {record.path.rpartition("/")[2] for record in host.requests if record.method == "POST"} == {"tokenize"}


def test_doctor_tells_that_a_host_is_away(tm: Tm) -> None:
    base = "http://127.0.0.1:9"

    found = tm.ok("doctor", "--online", TENSORMESH_SERVERLESS_BASE_URL=base, TENSORMESH_CONTROL_PLANE_BASE_URL=base)

    assert {"control_plane_online", "serverless_api_key_online"} <= set(found["missing"])


def test_a_key_that_is_stored_is_not_shown(tm: Tm, host: LocalHost) -> None:
    outcome = tm("users", "api-keys", "create", "--name", "ci", "--store", "--yes", **KEYLESS)

    key = settings(tm)["managed"]["serverless_api_key"]
    assert key not in outcome.stdout + outcome.stderr
    assert key[-4:] in outcome.stdout
    assert tm("infer", "chat", "Say hello", **KEYLESS).code == 0


def test_a_key_that_is_stored_leaves_the_rest_of_the_file(logged_in: Tm) -> None:
    write(logged_in, '# mine\nmax_retries = 2\n\n[managed]\ngateway_model_id = "m"  # kept\n')

    logged_in.ok("users", "api-keys", "create", "--store", "--name", "k", "--yes")

    text = (logged_in.home / "config.toml").read_text()
    assert text.startswith('# mine\nmax_retries = 2\n\n[managed]\ngateway_model_id = "m"  # kept\n')
    assert settings(logged_in)["managed"].keys() >= {"serverless_api_key", "serverless_api_key_from"}


def test_a_key_that_cannot_be_stored_is_shown_rather_than_lost(tm: Tm, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", full)

    outcome = tm("users", "api-keys", "create", "--store", "--name", "k", "--yes")

    assert outcome.code == 1
    assert re.search(r"id: ak-local-[\w-]{20,}", outcome.stdout)


def test_a_stored_key_under_a_stronger_one_says_so(tm: Tm) -> None:
    outcome = tm("users", "api-keys", "create", "--store", "--name", "k", "--yes")

    assert "TENSORMESH_INFERENCE_API_KEY is set and wins over it." in outcome.stderr


def test_the_readme_begins_with_the_three_lines() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    begin = readme.partition("## On the command line")[2].partition("```sh")[2].partition("```")[0].split("\n")

    assert [line for line in begin if line][:2] == ["tm login", "tm init --sync"]
