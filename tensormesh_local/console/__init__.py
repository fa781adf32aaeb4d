"""
The console: a page that shows what was sent to this host, and what of it came from the cache.

Nothing here happens before somebody opens it.
"""

from tensormesh_local.console.routes import PAGE_ROUTES, Sources, console_routes

__all__ = ["PAGE_ROUTES", "Sources", "console_routes"]
