"""A test that passes though what it scripted did nothing would test something else than it says: so it fails."""

from __future__ import annotations

import re

import pytest

from tests.pytest_plugin.conftest import Run, passed

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


def test_a_marker_that_did_nothing_fails_its_test(run: Run) -> None:
    tests = [marked(script, body, name=name) for name, (script, body, _) in UNFELT.items()]
    output = run(HEAD + "".join(tests), expected=1)
    told = dict(re.findall(r"^_+ test_(\w+) _+\n(the fault [^\n]*)\nWhere that is meant", output, re.MULTILINE))

    assert passed(output) == set()
    assert told.keys() == UNFELT.keys()
    assert [name for name, (_, _, words) in UNFELT.items() if words not in told[name]] == []
    assert "tensormesh_host.faults.clear()" in output


@pytest.mark.parametrize("options", [[], ["--tensormesh-local"]], ids=["fixture", "option"])
def test_a_scripted_fault_that_never_struck_fails_its_test(run: Run, options: list[str]) -> None:
    code = f"{HEAD}def test_one(tensormesh_host):\n    tensormesh_host.faults.add(status=500)\n"

    assert 'the fault {"status":500} never struck' in run(code, *options, expected=1)


def test_a_marker_on_a_test_without_a_host_fails_it(run: Run) -> None:
    output = run(HEAD + marked("status=500", "pass", arguments=""), expected=1)

    assert "the marker tensormesh_fault has no effect" in output
    assert "FAILED test_theirs.py::test_one" in output


def test_what_a_marker_cannot_take_is_told(run: Run) -> None:
    given = ["429", "{'status': 429}, {'status': 500}", "[{'status': 429}]"]
    tests = [marked(one, "pass", name=f"{number}") for number, one in enumerate(given)]
    output = run(HEAD + "".join(tests), expected=1)

    assert output.count("\ntensormesh_fault takes the keys of one fault") == len(given)


SLOW = """
import pytest

@pytest.fixture(scope="session")
def tensormesh_options():
    from tensormesh_local import Options

    return Options(pace_seconds=0.01)
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


def test_a_marker_that_did_something_is_no_complaint(run: Run) -> None:
    tests = [marked(script, body, name=name) for name, (script, body) in FELT.items()]

    assert passed(run(SLOW + HEAD + "".join(tests))) == {f"test_{name}" for name in FELT}


def test_a_test_that_fails_by_itself_is_told_what_its_fault_did(run: Run) -> None:
    output = run(HEAD + marked("status=500", "assert tensormesh_client is None"), expected=1)

    assert "AssertionError" in output or "assert " in output
    assert "never struck" in output


def test_what_was_seen_says_whether_the_caller_hung_up(run: Run) -> None:
    code = (
        HEAD
        + """
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
    )

    assert passed(run(code)) == {"test_left", "test_read"}
