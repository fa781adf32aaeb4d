"""
When and how a host was asked, and what a run could not do.

Knows what a reader of a report or a record needs to know of the run as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from tensormesh_contract.documents.operations import SurfaceName


@dataclass(frozen=True, slots=True)
class Trouble:
    """A run could not do something itself, and why."""

    phase: str
    text: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An operation, by its operationId, that was not asked because a gentle run asks only so much."""

    surface: SurfaceName
    operation: str


@dataclass(frozen=True, slots=True)
class Asked:
    """
    One surface that was asked.

    Args:
        surface: which.
        base_url: where; empty for a host that was there for the run only.
        own: whether it was.
    """

    surface: SurfaceName
    base_url: str
    own: bool


@dataclass(frozen=True, slots=True)
class About:
    """
    One run.

    Args:
        began: when, in UTC, as ISO 8601 writes it.
        version: of this package.
        documents: the versions of the documents, by surface.
        seed: what decided everything random; None where nothing was.
        phases: what was made up; none where the host was only read.
        gentle: whether it was only read.
        asked: who was.
        only: what was selected, as it was named; none for everything.
        without: what was left out of that.
    """

    began: str
    version: str
    documents: dict[str, str]
    seed: int | None
    phases: tuple[str, ...]
    gentle: bool
    asked: tuple[Asked, ...]
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
