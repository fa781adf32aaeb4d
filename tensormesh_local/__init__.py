"""
A Tensormesh of one's own on 127.0.0.1.

Knows the rules and shapes of the service, without an account and without
weights, and can be told to misbehave. Imports nothing of the SDK, so that it
cannot agree with its mistakes.
"""

from tensormesh_local.faults.pending import Faults
from tensormesh_local.faults.script import ScriptError
from tensormesh_local.ledger import Record
from tensormesh_local.options import Options
from tensormesh_local.server import LocalHost, StartError

__all__ = ["Faults", "LocalHost", "Options", "Record", "ScriptError", "StartError"]
