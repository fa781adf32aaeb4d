"""A surface's document as one that refers to nothing outside itself."""

from __future__ import annotations

from tensormesh_contract.documents.bundle import bundle
from tensormesh_documents.pointers import split, walk
from tests.contract.conftest import Surfaces


def test_a_bundle_refers_to_nothing_outside_itself(surfaces: Surfaces) -> None:
    for surface in surfaces.values():
        whole = bundle(surface.document)
        references = set(_references(whole))

        assert references
        for reference in references:
            file, keys = split(reference)
            assert file == ""
            assert walk(whole, keys)[1]


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in _references(item)]
    return [found for item in value for found in _references(item)] if isinstance(value, list) else []
