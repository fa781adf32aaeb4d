"""What is said of the releases that are tested: which, and where they are not the newest."""

from __future__ import annotations

from tests.interplay.environments import ENVIRONMENTS, Environment, said

PROXY = Environment("proxy", ("litellm[proxy]",), ("litellm",), ("litellm", "openai"))


def test_the_releases_are_told() -> None:
    assert said(PROXY, {"litellm": "2.0", "openai": "3.0", "idna": "1"}, {}) == "proxy: litellm 2.0, openai 3.0"


def test_an_older_release_is_told_with_the_newest() -> None:
    told = said(PROXY, {"litellm": "1.9", "openai": "3.0"}, {"litellm": "2.0", "openai": "3.0"})

    assert told == (
        "proxy: litellm 1.9, openai 3.0\n"
        "  not the newest litellm, 2.0, with which litellm[proxy] cannot be installed here"
    )


def test_a_short_run_has_something_of_each_kind_but_the_large() -> None:
    assert [one.name for one in ENVIRONMENTS if one.short] == ["openai", "langchain"]
