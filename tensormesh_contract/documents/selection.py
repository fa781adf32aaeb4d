"""
Which operations a run is about, as a person names them: by id, by path, by tag, with `*` for anything.

Knows names only, and what may be meant by one that there is not; does not ask anybody.
"""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tensormesh_contract.documents.operations import Operation, Surface, SurfaceName
from tensormesh_contract.json_values import in_words

_ALIKE = 0.5
_MOST_MEANT = 3


class SelectionError(ValueError):
    """A word that names no operation, or words that leave none; and what may be meant."""


@dataclass(frozen=True, slots=True)
class Selection:
    """
    The words.

    Args:
        only: what is asked; none for everything.
        without: what is left out of that.
    """

    only: Sequence[str] = ()
    without: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.only or self.without)

    def of(self, surfaces: Mapping[SurfaceName, Surface], asked: Iterable[SurfaceName]) -> dict[SurfaceName, Surface]:
        """
        Leave out of surfaces what was not selected.

        Args:
            surfaces: the documents.
            asked: the surfaces that a run is about; of others nothing is left out.

        Raises:
            SelectionError: a word names no operation of those, or none is left.
        """
        about = [surfaces[name] for name in asked if name in surfaces]
        for option, words in (("--only", self.only), ("--without", self.without)):
            for word in words:
                if not any(_means(word, one) for surface in about for one in surface.operations):
                    raise SelectionError(_unknown(option, word, about, surfaces.values()))
        limited = {surface.name: surface.limited([*self._left_out(surface)]) for surface in about}
        if not any(surface.operations for surface in limited.values()):
            raise SelectionError("--only and --without leave no operation to ask.")
        return {**surfaces, **limited}

    def _left_out(self, surface: Surface) -> Iterator[Operation]:
        for one in surface.operations:
            chosen = not self.only or any(_means(word, one) for word in self.only)
            if not chosen or any(_means(word, one) for word in self.without):
                yield one


EVERYTHING = Selection()


def _names(operation: Operation) -> list[str]:
    """Give everything that an operation is called."""
    return [name for name in (operation.id, operation.path, operation.label, operation.call, *operation.tags) if name]


def _means(word: str, operation: Operation) -> bool:
    wanted = word.casefold()
    return any(wanted == name or fnmatch.fnmatchcase(name, wanted) for name in map(str.casefold, _names(operation)))


def _unknown(option: str, word: str, about: Sequence[Surface], every: Iterable[Surface]) -> str:
    """Say that a word names nothing, and what may be meant."""
    said = f"{option} {word} names no operation of {in_words([surface.name for surface in about])}"
    elsewhere = [surface.name for surface in every if any(_means(word, one) for one in surface.operations)]
    if elsewhere:
        return f"{said}, but of {in_words([*elsewhere])}: give --surface {elsewhere[0]}."
    known = {name.casefold(): name for surface in about for one in surface.operations for name in _names(one)}
    plain = word.casefold().replace("*", "").strip("/")
    near = difflib.get_close_matches(plain, known, n=_MOST_MEANT, cutoff=_ALIKE)
    near = near or [name for name in known if plain and plain in name][:_MOST_MEANT]
    if near:
        return f"{said}. Did you mean {in_words([known[name] for name in near])}?"
    tags = dict.fromkeys(tag for surface in about for one in surface.operations for tag in one.tags)
    return f"{said}. It takes ids, paths and tags ({', '.join(tags)}), with * for anything."
