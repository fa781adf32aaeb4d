"""The places and words of refusals."""

from __future__ import annotations

THING = "control_plane.yaml, at components.schemas.Thing"
OPERATION = "control_plane.yaml, at paths./v1/things.post"
TAG = "an operation has one tag, and its document declares and describes it"
