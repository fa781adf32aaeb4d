"""What a real engine answered agrees with the documents."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.evaluation.evaluator import Evaluator
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Request
from tests.contract.conftest import Surfaces

FOLDER = Path(__file__).resolve().parents[1] / "transcripts"


def read(file: Path) -> Exchange | None:
    """One transcript; None when it holds no answer."""
    command, _, rest = file.read_text(encoding="utf-8").partition("\n")
    head, _, body = rest.partition("\n\n")
    lines = head.split("\n")
    if not lines[0].startswith("HTTP/"):
        return None
    words = shlex.split(command.removeprefix("$ ").partition("   # stdin")[0])
    sent = words[words.index("--data-binary") + 1].encode() if "--data-binary" in words else b""
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    path = urlsplit(next(word for word in words if word.startswith("http"))).path
    headers = tuple(
        (name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:] if line)
    )
    # The newline that ends the file is not the answer's.
    content = body.encode() if re.search(r"^data: ", body, re.MULTILINE) else body.rstrip("\n").encode()
    request = Request(method, path, body=sent)
    return Exchange(SurfaceName.SERVERLESS, request, Answer(int(lines[0].split()[1]), headers, content))


def test_recorded_answers_agree_with_the_documents(surfaces: Surfaces) -> None:
    evaluator = Evaluator(surfaces)
    exchanges = [found for file in sorted(FOLDER.glob("vllm-*/*.txt")) if (found := read(file)) is not None]
    for exchange in exchanges:
        evaluator.add(exchange)

    assert len(exchanges) > 60
    assert [f"{one.operation}: {one.kind} {one.subject}" for one in evaluator.findings() if one.fails] == []
    assert {tally.operation.id for tally in evaluator.tallies() if tally.events} == {
        "create_chat_completion",
        "create_completion",
        "create_response",
    }
