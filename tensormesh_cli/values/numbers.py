"""Numbers, as options and settings hold them."""

from __future__ import annotations

import math
from typing import Any

import click


class Seconds(click.FloatRange):
    """A length of time."""

    name = "number of seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        length = float(super().convert(value, param, ctx))
        if not math.isfinite(length):  # a range lets these through
            self.fail(f"{value!r} is not a valid {self.name}.", param, ctx)
        return length


SECONDS = Seconds(min=0, min_open=True)
COUNT = click.IntRange(min=0)
BYTES = click.IntRange(min=1)
