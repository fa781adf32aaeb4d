"""
Workers in actors of Ray, on two nodes of this machine, which die.

Ray has no wheels for all that this package runs on; `make test-ray` has these in an environment of their own.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh_batch.batch import run
from tensormesh_batch.errors import Interrupted
from tensormesh_batch.running.folder_desk import FLUSH_LINES
from tests.batch.host import BatchHost
from tests.batch.program import actors, repeated, started
from tests.batch.rows import answers, row, written

ray: Any = pytest.importorskip("ray", reason="Ray is not installed: make test-ray")

pytestmark = pytest.mark.filterwarnings("default")  # Ray's own
ROWS, IN_FLIGHT = 1_500, 32
AT_MOST = IN_FLIGHT + FLUSH_LINES


class Nodes:
    """A cluster of two nodes, of which the second may be lost and replaced."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        # It takes the machine's own address whatever it is told, so nothing here counts on 127.0.0.1.
        self._cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
        self._second = self._cluster.add_node(num_cpus=2)
        self.address: str = self._cluster.address

    def lose_one(self) -> None:
        self._cluster.remove_node(self._second, allow_graceful=False)

    def make_whole(self) -> None:
        if self._second not in self._cluster.worker_nodes:
            self._second = self._cluster.add_node(num_cpus=2)
            self._cluster.wait_for_nodes()

    def close(self) -> None:
        self._cluster.shutdown()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Nodes]:
    nodes = Nodes()
    yield nodes
    nodes.close()


@pytest.fixture
def nodes(cluster: Nodes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nodes]:
    cluster.make_whole()
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    yield cluster
    ray.shutdown()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(tmp_path / "in.jsonl", [row(f"r{number}") for number in range(ROWS)])


def moment_of(last: int) -> int:
    """At which request."""
    return random.randrange(50, last)  # noqa: S311


def check(host: BatchHost, out: Path, summary: Any) -> None:
    assert (summary.done, summary.left, summary.failed) == (ROWS, 0, 0)
    assert summary.completion_tokens == 2 * ROWS
    assert len(answers(out)) == ROWS
    assert repeated(host.asked) <= AT_MOST


def test_what_was_begun_alone_ends_on_a_cluster_and_goes_on_alone(
    host: BatchHost, source: Path, tmp_path: Path, nodes: Nodes
) -> None:
    out = tmp_path / "out"
    program = started(source, out, max_in_flight=IN_FLIGHT)
    at = moment_of(ROWS // 2)
    host.hears = lambda count: program.kill() if count == at else None
    with program:
        program.wait(60)
    check(host, out, run(source, out, engine="ray", processes=2, max_in_flight=IN_FLIGHT))
    asked = len(host.asked)
    assert run(source, out).done_before == ROWS
    assert len(host.asked) == asked


def test_an_actor_that_is_killed_is_replaced(host: BatchHost, source: Path, tmp_path: Path, nodes: Nodes) -> None:
    at = moment_of(ROWS - 100)
    killed: list[int] = []

    def hears(count: int) -> None:
        if count == at:
            killed.append(actors()[-1])
            os.kill(killed[0], signal.SIGKILL)

    host.hears = hears
    out = tmp_path / "out"
    check(host, out, run(source, out, engine="ray", processes=2, max_in_flight=IN_FLIGHT))
    assert killed


def test_a_node_that_is_lost_is_done_without(host: BatchHost, source: Path, tmp_path: Path, nodes: Nodes) -> None:
    at = moment_of(ROWS - 100)
    lost: list[int] = []

    def progress(so_far: Any) -> None:
        if not lost and len(host.asked) >= at:
            lost.append(at)
            nodes.lose_one()

    out = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tensormesh_batch.session.EACH_SECONDS", 0.01)
        summary = run(source, out, engine="ray", processes=2, max_in_flight=IN_FLIGHT, progress=progress)
    check(host, out, summary)
    assert lost


def test_a_driver_that_is_killed_leaves_a_folder_that_goes_on(
    host: BatchHost, source: Path, tmp_path: Path, nodes: Nodes
) -> None:
    out = tmp_path / "out"
    program = started(source, out, engine="ray", processes=2, max_in_flight=IN_FLIGHT)
    at = moment_of(ROWS - 100)
    host.hears = lambda count: program.kill() if count == at else None
    with program:
        assert program.wait(120) == -signal.SIGKILL
    check(host, out, run(source, out, max_in_flight=IN_FLIGHT))


def test_ctrl_c_lets_through_what_is_under_way(
    host: BatchHost, source: Path, tmp_path: Path, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tensormesh_batch.session.EACH_SECONDS", 0.01)
    host.wait.clear()
    pressed: list[int] = []

    def progress(so_far: Any) -> None:
        if len(host.asked) >= 4 and not pressed:
            pressed.append(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        elif pressed:
            host.wait.set()

    out = tmp_path / "out"
    with pytest.raises(Interrupted, match="it was interrupted"):
        run(source, out, engine="ray", processes=2, max_in_flight=4, progress=progress)
    assert len(answers(out)) == len(host.asked) < ROWS
    assert json.loads((out / "summary.json").read_text())["done"] == len(host.asked)


def test_a_key_reaches_the_actors_and_no_log_of_ray(
    host: BatchHost, source: Path, tmp_path: Path, nodes: Nodes, capfd: pytest.CaptureFixture[str]
) -> None:
    run(source, tmp_path / "out", engine="ray", processes=2)
    assert "key-of-the-tests" not in "".join(capfd.readouterr())


if sys.platform != "linux":
    pytest.skip("finds actors in /proc", allow_module_level=True)
