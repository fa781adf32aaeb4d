"""
The control-plane part of the local host: /control-plane.

Knows its own routes and error shape. It is mounted as one application, so it
can grow without the inference part taking notice.
"""

from tensormesh_local.control_plane.application import control_plane_app

__all__ = ["control_plane_app"]
