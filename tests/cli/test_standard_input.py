"""What is piped in goes where it belongs, beside arguments and options; where nothing is, nothing is waited for."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tensormesh_cli.command_line import standard_input
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm
from tests.cli.processes import TM, environment

MODEL = "openai/gpt-oss-20b"
PACKAGE = '{"name": "tensormesh", "version": "0.1.0"}'


def body(host: LocalHost) -> Any:
    return host.requests[-1].body


def asked(host: LocalHost) -> list[str]:
    return [message["content"] for message in body(host)["messages"]]


def test_a_text_beside_a_question_is_asked_with_it(tm: Tm, host: LocalHost) -> None:
    tm("infer", "chat", "Summarise this.", input="One line.\nAnother.\n")

    assert asked(host) == ["One line.\nAnother.\n\nSummarise this."]


def test_a_text_alone_is_the_question(tm: Tm, host: LocalHost) -> None:
    assert tm("infer", "chat", input="Say hello\n").stdout == "hello\n"
    assert asked(host) == ["Say hello"]


@cases("text", ["42", "[1, 2]", '"quoted"', "null", "a { brace"])
def test_json_that_is_no_object_is_a_text(tm: Tm, host: LocalHost, text: str) -> None:
    tm("infer", "chat", input=text)

    assert asked(host) == [text]


def test_a_text_beside_options_is_the_question(tm: Tm, host: LocalHost) -> None:
    tm("infer", "chat", "--system", "Be brief.", "--max-tokens", "9", "--json", '{"temperature": 0}', input="Hello")

    assert asked(host) == ["Be brief.", "Hello"]
    assert (body(host)["max_tokens"], body(host)["temperature"]) == (9, 0)


def test_a_request_beside_a_question_is_sent_with_it(tm: Tm, host: LocalHost) -> None:
    tm("infer", "chat", "Go on.", input='{"messages": [{"role": "user", "content": "a"}], "temperature": 0, "n": 1}')

    assert asked(host) == ["a", "Go on."]
    assert body(host)["temperature"] == 0


def test_json_that_is_no_request_is_a_text_beside_a_question(tm: Tm, host: LocalHost) -> None:
    tm("infer", "chat", "Which version?", input=PACKAGE)
    assert asked(host) == [f"{PACKAGE}\n\nWhich version?"]

    tm("infer", "chat", "What is wrong?", input='{"name": ')
    assert asked(host) == ['{"name":\n\nWhat is wrong?']


def test_an_object_alone_is_meant_as_a_request(tm: Tm, host: LocalHost) -> None:
    outcome = tm("infer", "chat", input='{"messages": [')

    assert outcome.code == 1
    assert "standard input is not JSON" in outcome.stderr
    assert tm("infer", "chat", input=PACKAGE).code == 2
    assert len(host.requests) == 0


def test_requests_from_everywhere_are_merged_and_what_is_nearer_wins(tm: Tm, host: LocalHost, tmp_path: Any) -> None:
    file = tmp_path / "request.json"
    file.write_text('{"temperature": 0.2, "top_p": 0.2, "stream_options": {"include_usage": true}}')
    piped = '{"temperature": 0.1, "top_p": 0.1, "seed": 1, "stream_options": {"continuous_usage_stats": false}}'

    tm("infer", "chat", "Hi", "--file", str(file), "--json", '{"temperature": 0.3}', input=piped)

    sent = body(host)
    assert (sent["temperature"], sent["top_p"], sent["seed"]) == (0.3, 0.2, 1)
    assert sent["stream_options"] == {"continuous_usage_stats": False, "include_usage": True}


def test_every_call_of_inference_takes_what_is_piped_in(tm: Tm, host: LocalHost) -> None:
    tm("infer", "completions", "And then", "--max-tokens", "3", input="Once upon a time.")
    assert body(host)["prompt"] == "Once upon a time.\n\nAnd then"
    tm("infer", "responses", "Say hello", input="Be polite.")
    assert body(host)["input"] == "Be polite.\n\nSay hello"
    tokens = tm("infer", "tokenize", input="Say hello").stdout
    assert body(host)["prompt"] == "Say hello"
    assert tm("infer", "detokenize", input=tokens).stdout == "Say hello\n"
    assert tm("infer", "detokenize", input=json.dumps([int(word) for word in tokens.split()])).stdout == "Say hello\n"
    first, *rest = tokens.split()
    assert tm("infer", "detokenize", *rest, input=first).stdout == "Say hello\n"
    assert tm("infer", "detokenize", input="Say hello").code == 1


def test_standard_input_is_read_once(tm: Tm, host: LocalHost) -> None:
    assert tm("infer", "chat", "-", "--file", "-", input="{}").code == 2
    assert tm("infer", "chat", "Hi", "--file", "-", input='{"seed": 1}').code == 0
    assert (asked(host), body(host)["seed"]) == (["Hi"], 1)


def test_a_key_ends_when_what_is_piped_in_says_so(tm: Tm) -> None:
    made = tm.ok("users", "api-keys", "create", "--name", "ci", "--yes", input='{"expiresAt": "2040-01-01T00:00:00Z"}')

    assert (made["apiKey"]["name"], made["apiKey"]["expiresAt"]) == ("ci", "2040-01-01T00:00:00Z")


def test_options_win_over_what_is_piped_in(tm: Tm) -> None:
    made = tm.ok("users", "api-keys", "create", "--name", "mine", "--yes", input='{"name": "piped", "scopes": ["a"]}')

    assert (made["apiKey"]["name"], made["apiKey"]["scopes"]) == ("mine", ["a"])


def test_a_text_beside_options_that_no_field_is_for_is_an_error(tm: Tm, host: LocalHost) -> None:
    outcome = tm("users", "api-keys", "create", "--name", "ci", "--yes", input="until Friday")

    assert outcome.code == 1
    assert "standard input is not JSON" in outcome.stderr
    assert "`< /dev/null` keeps it away" in outcome.stderr
    assert not [record for record in host.requests if record.method == "POST"]


def test_a_text_is_part_of_a_message(tm: Tm) -> None:
    ticket = tm.ok("tickets", "create", "--subject", "Crash", "--message", "Look:", input="Traceback\n")["ticket"]
    assert ticket["conversations"][0]["content"] == "Traceback\n\nLook:"

    alone = tm.ok("tickets", "message", ticket["ticketId"], input="And another one.\n")["ticket"]
    assert alone["conversations"][-1]["content"] == "And another one."


def test_a_key_to_delete_may_be_piped_in_beside_options(tm: Tm, host: LocalHost) -> None:
    key = tm.ok("users", "api-keys", "create", "--name", "k", "--yes")["apiKey"]["id"]

    tm.ok(
        "users", "api-keys", "delete", "--user-id", host.on_demand_user_id, "--yes", input=json.dumps({"apiKey": key})
    )

    assert key not in [one["id"] for one in tm.ok("users", "api-keys", "list", "--show-secrets")["apiKeys"]]


def test_an_answer_to_a_question_may_be_piped_in(tm: Tm) -> None:
    assert tm("users", "api-keys", "create", "--name", "k", input="y\n").code == 0
    assert "Nothing was done." in tm("users", "api-keys", "create", "--name", "k", input="n\n").stderr


def test_a_body_that_was_piped_in_leaves_nobody_to_answer(tm: Tm) -> None:
    outcome = tm("users", "api-keys", "create", "--name", "k", input='{"scopes": []}')

    assert outcome.code == 1
    assert "--yes goes on without asking" in outcome.stderr


@pytest.mark.parametrize("how", ["null device", "closed", "pipe at its end", "empty file"])
def test_where_nothing_was_piped_nothing_is_read(tm: Tm, host: LocalHost, tmp_path: Any, how: str) -> None:
    (tmp_path / "empty").touch()
    command = [*TM, "infer", "chat", "Say hello", "--model", MODEL]
    redirect = {"null device": "< /dev/null", "closed": "<&-", "empty file": f"< {tmp_path}/empty"}.get(how, "")
    line = f'{"true | " if how == "pipe at its end" else ""}"$@" {redirect}'

    done = subprocess.run(
        ["sh", "-c", line, "sh", *command], env=environment(tm), capture_output=True, text=True, check=False, timeout=30
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "hello\n", "")
    assert asked(host) == ["Say hello"]


def test_a_loop_over_a_file_keeps_its_lines(tm: Tm, host: LocalHost, tmp_path: Any) -> None:
    (tmp_path / "lines").write_text("one\ntwo\nthree\n")
    line = f'while read -r line; do "$@" "$line"; done < {tmp_path}/lines'
    command = [*TM, "--quiet", "infer", "chat", "--model", MODEL]

    done = subprocess.run(["sh", "-c", line, "sh", *command], env=environment(tm), capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
    assert [record.body["messages"][0]["content"] for record in host.requests] == ["one", "two", "three"]  # type: ignore[index,call-overload]


def test_a_file_that_was_begun_by_another_is_left_out_with_a_word(tm: Tm, host: LocalHost, tmp_path: Any) -> None:
    (tmp_path / "lines").write_text("one\ntwo\n")
    with (tmp_path / "lines").open() as file:
        os.lseek(file.fileno(), 4, os.SEEK_SET)

        done = run_with(tm, file, "infer", "chat", "Say hello", "--model", MODEL)

    assert asked(host) == ["Say hello"]
    assert "Standard input is left to the program that began to read it" in done.stderr


def run_with(tm: Tm, stdin: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TM, *arguments], env=environment(tm), stdin=stdin, capture_output=True, text=True, check=False, timeout=30
    )


def test_a_socket_that_a_program_left_open_is_not_waited_for(tm: Tm, host: LocalHost) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        done = run_with(tm, theirs, "infer", "chat", "Say hello", "--model", MODEL)

    assert (done.returncode, done.stdout) == (0, "hello\n")
    assert "Nothing came on standard input, so it was left out." in done.stderr


def test_what_comes_through_a_socket_is_read(tm: Tm, host: LocalHost) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"A text.")
        ours.shutdown(socket.SHUT_WR)
        done = run_with(tm, theirs, "infer", "chat", "Say hello", "--model", MODEL)

    assert done.returncode == 0
    assert asked(host) == ["A text.\n\nSay hello"]


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Standard input that is a pipe; the end to write to."""
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as file:
        monkeypatch.setattr("sys.stdin", file)
        yield writing


def test_whoever_waits_for_a_slow_program_is_told(stdin: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(standard_input, "SILENT_SECONDS", 0.0)

    class Told:
        def note(self, text: str) -> None:
            told.append(text)
            os.write(stdin, b"late")
            os.close(stdin)

    assert standard_input.beside(Told()) == "late"  # type: ignore[arg-type]
    assert told == ["Waiting for standard input to end; `< /dev/null` goes on without it."]


def test_a_question_comes_before_its_answer_is_waited_for(stdin: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standard_input, "FIRST_SECONDS", 0.0)

    assert standard_input.begins_an_object() is False
    os.write(stdin, b' \n{"a": 1}')
    assert standard_input.begins_an_object() is True
    os.close(stdin)
    assert standard_input.text() == ' \n{"a": 1}'


def test_a_file_that_goes_along_from_standard_input_is_read_once(tm: Tm, host: LocalHost, tmp_path: Any) -> None:
    (tmp_path / "notes").write_text("A note.")
    with (tmp_path / "notes").open() as file:
        done = run_with(tm, file, "infer", "chat", "-f", "-", "What is missing?", "--model", MODEL)

    assert (done.returncode, done.stderr) == (0, "")
    assert "A note." in json.dumps(body(host)["messages"])
    assert json.dumps(body(host)).count("A note.") == 1
