"""How an error is told."""

from __future__ import annotations

import click

from tensormesh_cli.output.control_characters import sentence


def told(message: str, hint: str | None, *, color: bool) -> str:
    """The error, and on a line of its own what to do about it."""
    lines = [f"{click.style('Error:', fg='red', bold=True) if color else 'Error:'} {sentence(message)}"]
    if hint:
        lines.append(f"{click.style('Hint:', fg='yellow') if color else 'Hint:'} {sentence(hint)}")
    return "\n".join(lines)
