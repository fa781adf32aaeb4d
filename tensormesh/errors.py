"""Every error the client raises; see `tensormesh_overlay.errors` for the tree."""

from tensormesh_overlay.errors import *  # noqa: F403
from tensormesh_overlay.errors import __all__ as __all__
