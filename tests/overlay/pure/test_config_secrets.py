"""No text of settings, or of an error about them, shows a secret."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from tensormesh import ConfigurationError
from tests.cases import cases
from tests.overlay.pure.settings import CREDENTIALS, KINDS, config, refused

# Secrets.


def texts_of(error: BaseException) -> Iterator[str]:
    """Everything that a log, a debugger or another process could see of an error."""
    yield from (str(error), repr(error), repr(error.args), repr(vars(error)))
    yield "".join(traceback.format_exception(error))
    yield pickle.dumps(error).decode("latin-1")
    record = logging.LogRecord("tensormesh", logging.ERROR, "file", 1, "%s", (error,), (type(error), error, None))
    yield logging.Formatter().format(record)
    if error.__cause__ is not None:
        yield from texts_of(error.__cause__)


@cases("name", CREDENTIALS)
@cases(
    "given",
    [
        "SENTINEL key",
        "SENTINEL\nkey",
        "SENTINEL\x7f",
        "SENTINELé",
        "“SENTINEL”",
        '"SENTINEL"',
        "'SENTINEL'",
        b"SENTINEL",
        ["SENTINEL"],
    ],
)
def test_a_credential_that_cannot_be_one_is_refused_without_showing_it(name: str, given: Any) -> None:
    with refused(name) as caught:
        config(**{name: given})
    for text in texts_of(caught.value):
        assert "SENTINEL" not in text


@pytest.mark.parametrize(
    "given",
    [
        *("https://me:SENTINEL@h.test", "https://:SENTINEL@h.test", "https://SENTINEL@h.test", "me:SENTINEL@h.test"),
        *("https://me:SENTINEL@h\u2100.test", "https://me:SENTINEL@[::1", "https://h.test?key=SENTINEL"),
        *("https://h.test/\nSENTINEL", "SENTINEL", "SENTINEL://x"),
    ],
)
def test_a_base_url_that_cannot_be_one_is_refused_without_showing_what_it_hides(given: str) -> None:
    with refused("serverless_base_url") as caught:
        config(serverless_base_url=given)
    for text in texts_of(caught.value):
        assert "SENTINEL" not in text


@cases("kind", KINDS)
def test_no_text_of_a_client_or_its_settings_shows_a_secret(kind: Any) -> None:
    client = kind(
        inference_api_key="SENTINEL-1",
        control_plane_token="SENTINEL-2",
        default_headers={"Authorization": "SENTINEL-3"},
        env={},
    )
    settings = client.config

    for value in (
        client,
        settings,
        copy.copy(settings),
        settings.replace(timeout=1.0),
        client.with_options(timeout=2),
    ):
        for text in (repr(value), str(value), f"{value}", f"{[value]}", "%s" % (value,)):  # noqa: UP031
            assert "SENTINEL" not in text
            assert "https://serverless.tensormesh.ai" in text


@cases("kind", KINDS)
def test_a_wrong_setting_beside_secrets_does_not_show_them(kind: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        kind(
            inference_api_key="SENTINEL-1",
            control_plane_token="SENTINEL-2",
            default_headers={"X": "SENTINEL-3"},
            timeout=-1,
            env={},
        )
    for text in texts_of(caught.value):
        # The source line of the call above is part of a traceback; the values are not.
        assert "SENTINEL" not in text.replace('"SENTINEL-', "")


def test_a_credential_is_trimmed() -> None:
    assert config(inference_api_key=" key\n").inference_api_key == "key"
