"""
Holds a Tensormesh, or anything that wants to be one, against the OpenAPI documents.

Watching and judging are apart: an `Exchange` is what was sent and what came
back, whoever sent it; a `Judgement` turns exchanges into `Finding`s; a report
is a function of those. Imports nothing of the SDK, so that it cannot agree
with its mistakes.
"""

from tensormesh_contract.exchange import Answer, Exchange, Request
from tensormesh_contract.findings import Finding, Kind, Level
from tensormesh_contract.judgement import Judgement
from tensormesh_contract.operations import read_surfaces

__all__ = ["Answer", "Exchange", "Finding", "Judgement", "Kind", "Level", "Request", "read_surfaces"]
