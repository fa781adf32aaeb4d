"""A host that answers as a test wants, and rows for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.batch.host import BatchHost


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchHost]:
    """A host that counts words as tokens; the environment names it and nothing else."""
    with BatchHost() as running:
        monkeypatch.setenv("TENSORMESH_SERVERLESS_BASE_URL", running.url)
        monkeypatch.setenv("TENSORMESH_INFERENCE_API_KEY", "key-of-the-tests")
        yield running
