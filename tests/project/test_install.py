"""What `make install` fetches is pinned to its bytes."""

from __future__ import annotations

import re
from pathlib import Path


def test_uv_is_one_release_whose_wheels_are_known(root: Path) -> None:
    lines = (root / "scripts" / "uv.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    named = [line.split() for line in lines if line and not line.startswith("#")]

    assert len(named) == 1, "and nothing else"
    release, *digests = named[0]
    assert re.fullmatch(r"uv==\d+\.\d+\.\d+", release)
    assert len(digests) > 10
    assert [one for one in digests if not re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one)] == []


def test_nothing_is_fetched_without_its_digest(root: Path) -> None:
    """Wheels only: what builds one from its sources is fetched without any."""
    script = (root / "scripts" / "install").read_text(encoding="utf-8")
    options = re.findall(r'fetch="(.*)"', script)

    assert re.findall(r"pip install (.*)", script) == ["$fetch", "$fetch --target .local/uv"]
    assert len(options) == 1
    assert {"--require-hashes", "--only-binary"} <= set(options[0].split())
    assert "--frozen" in re.findall(r'"\$uv" sync (.*)', script)[0]
