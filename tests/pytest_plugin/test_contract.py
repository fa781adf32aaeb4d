"""The fixture that holds a host against the documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from tensormesh_contract.session import NothingEvaluatedError
from tensormesh_local import LocalHost

type Contract = Callable[..., Any]


def test_a_host_that_agrees_has_nothing_that_fails(tensormesh_contract: Contract, tensormesh_host: LocalHost) -> None:
    report = tensormesh_contract(tensormesh_host.serverless_base_url, key=tensormesh_host.inference_api_key, rate=1000)

    assert (report.status, list(report.failing)) == (0, []), report.text
    assert tensormesh_host.inference_api_key not in report.text


def test_options_have_the_names_of_the_command(
    tensormesh_contract: Contract, tensormesh_host: LocalHost, tmp_path: Path
) -> None:
    url, file = tensormesh_host.control_plane_base_url, tmp_path / "report.xml"
    token = tensormesh_host.control_plane_token
    report = tensormesh_contract(url, key=token, surface="control-plane", rate=1000, junit=file)

    # The local host knows more kinds of transactions than the document, on purpose.
    assert report.status == 1
    assert {str(one.kind) for one in report.failing} == {"unknown value"}
    assert "<testsuite" in file.read_text(encoding="utf-8")


def test_what_cannot_be_is_an_error(tensormesh_contract: Contract) -> None:
    with pytest.raises(NothingEvaluatedError, match="Nothing succeeded"):
        tensormesh_contract("http://127.0.0.1:9", key="ak-none", rate=1000)
    with pytest.raises(click.UsageError, match="No such option"):
        tensormesh_contract("http://127.0.0.1:9", colour="red")
