"""A test that passes though what it scripted did nothing would test something else than it says: so it fails."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.conftest import Session, run
from tests.pytest_plugin.scenarios import NEVER_STRUCK

HEAD = """
import pytest
import tensormesh
from tensormesh import Tensormesh

QUESTION = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}]}

def ask(client, **more):
    return client.inference.serverless.chat.completions.create(**QUESTION, **more)

"""


def marked(script: str, body: str, arguments: str = "tensormesh_client, tensormesh_host", name: str = "one") -> str:
    return f"@pytest.mark.tensormesh_fault({script})\ndef test_{name}({arguments}):\n    {body}\n\n"


UNFELT = {
    "no_request": ("status=429", "pass", "never struck"),
    "another_request": ("status=429, match={'path': '/v1/models'}", "ask(tensormesh_client)", "never struck"),
    "for_ever": ("status=429, times=None, match={'model': 'no/such'}", "ask(tensormesh_client)", "never struck"),
    "behind_the_end": ("cut_after_events=5000", "list(ask(tensormesh_client, stream=True))", "cut_after_events found"),
    "no_events": ("cut_after_events=1", "ask(tensormesh_client)", "cut_after_events found nothing to do"),
    "few_bytes": ("stall_after_bytes=10**6", "ask(tensormesh_client)", "stall_after_bytes found nothing to do"),
    "no_such_field": ("omit=['usage.prompt']", "ask(tensormesh_client)", "omit found nothing to do"),
    "no_done": ("drop_done=True", "ask(tensormesh_client)", "drop_done found nothing to do"),
    "late_error": ("error_event_after=999", "list(ask(tensormesh_client, stream=True))", "error_event_after found"),
    "late_and_one_felt": ("delay_seconds=0.01, set={'x.y': 1}", "ask(tensormesh_client)", "set found nothing to do"),
}


ODD = ["429", "{'status': 429}, {'status': 500}", "[{'status': 429}]", "statsu=429"]

HUNG_UP = """
@pytest.mark.tensormesh_fault(stall_after_events=2)
def test_left(tensormesh_client, tensormesh_host):
    with ask(tensormesh_client, stream=True) as chunks:
        next(chunks)
    assert tensormesh_host.requests[0].wait().hung_up

def test_read(tensormesh_client, tensormesh_host):
    ask(tensormesh_client)
    request = tensormesh_host.requests[0].wait()
    assert (request.completed, request.hung_up) == (True, False)
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    unfelt = [marked(script, body, name=name) for name, (script, body, _) in UNFELT.items()]
    odd = [marked(script, "pass", name=f"{number}") for number, script in enumerate(ODD)]
    return run(
        tmp_path_factory.mktemp("faults"),
        {
            "test_unfelt.py": HEAD + "".join(unfelt),
            "test_never_struck.py": NEVER_STRUCK,
            "test_without_host.py": HEAD + marked("status=500", "pass", arguments=""),
            "test_odd.py": HEAD + "".join(odd),
            "test_failing.py": HEAD + marked("status=500", "assert tensormesh_client is None", name="alone"),
            "test_hung_up.py": HEAD + HUNG_UP,
        },
        expected=1,
    )


def test_a_marker_that_did_nothing_fails_its_test(session: Session) -> None:
    told = session.complaints["test_unfelt"]

    assert told.keys() == {f"test_{name}" for name in UNFELT}
    assert [
        name for name, (_, _, words) in UNFELT.items() if words not in told[f"test_{name}"].partition("\n")[0]
    ] == []
    assert all(complaint.startswith("the fault ") for complaint in told.values())
    assert all(
        "\nWhere that is meant, end the test with tensormesh_host.faults.clear()" in one for one in told.values()
    )


def test_a_scripted_fault_that_never_struck_fails_its_test(session: Session) -> None:
    assert 'the fault {"status":500} never struck' in session.complaints["test_never_struck"]["test_one"]


def test_a_marker_on_a_test_without_a_host_fails_it(session: Session) -> None:
    assert "the marker tensormesh_fault has no effect" in session.complaints["test_without_host"]["test_one"]


def test_what_a_marker_cannot_take_is_told(session: Session) -> None:
    *shapes, misspelt = session.complaints["test_odd"].values()

    assert [told.startswith("tensormesh_fault takes the keys of one fault") for told in shapes] == [True] * 3
    assert "unknown keys: statsu" in misspelt


def test_a_test_that_fails_by_itself_is_told_what_its_fault_did(session: Session) -> None:
    told = session.output.partition("_ test_alone _")[2].partition("\n_____")[0]

    assert "assert tensormesh_client is None" in told
    assert 'the fault {"status":500} never struck' in told


def test_what_was_seen_says_whether_the_caller_hung_up(session: Session) -> None:
    assert session.passed("test_hung_up") == {"test_left", "test_read"}


SETTINGS = """
import pytest

@pytest.fixture(scope="session")
def tensormesh_options():
    from tensormesh_local import Options

    return Options(pace_seconds=0.01, role="admin")
"""

FELT = {
    "an_object": ("{'status': 404}", "with pytest.raises(tensormesh.NotFoundError): ask(tensormesh_client)"),
    "fewer_times": ("status=404, times=5", "with pytest.raises(tensormesh.NotFoundError): ask(tensormesh_client)"),
    "cut": (
        "cut_after_events=2",
        "with pytest.raises(tensormesh.StreamError): list(ask(tensormesh_client, stream=True))",
    ),
    "no_done": ("drop_done=True", "list(ask(tensormesh_client, stream=True))"),
    "once_of_two": ("omit=['usage'], times=2", "ask(tensormesh_client); list(ask(tensormesh_client, stream=True))"),
    "left_before": (
        "cut_after_events=5000",
        "\n    with ask(tensormesh_client, stream=True) as chunks: next(chunks)",
    ),
    "cleared": ("status=404", "tensormesh_host.faults.clear()"),
}
ROLE = """
def test_role(tensormesh_client):
    assert tensormesh_client.control_plane.admin.users.list().users
"""


@pytest.fixture(scope="module")
def under_settings(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """With a host that takes its time, so that somebody can leave before it is through."""
    felt = [marked(script, body, name=name) for name, (script, body) in FELT.items()]
    files = {"conftest.py": SETTINGS, "test_felt.py": HEAD + "".join(felt), "test_role.py": ROLE}
    return run(tmp_path_factory.mktemp("settings"), files)


def test_a_marker_that_did_something_is_no_complaint(under_settings: Session) -> None:
    assert under_settings.passed("test_felt") == {f"test_{name}" for name in FELT}


def test_settings_of_the_host_are_felt(under_settings: Session) -> None:
    assert under_settings.passed("test_role") == {"test_role"}
