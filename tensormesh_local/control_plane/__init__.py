"""
The control-plane part of the local host: /control-plane, and the account behind the whole host.

Keys, money, deployments and people live here; inference asks through
`tensormesh_local.accounts` and knows nothing of this package.
"""

from tensormesh_local.control_plane.account import Account
from tensormesh_local.control_plane.call import Reply
from tensormesh_local.control_plane.store import StateError

__all__ = ["Account", "Reply", "StateError"]
