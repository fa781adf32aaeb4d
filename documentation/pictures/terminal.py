"""`tm` in a terminal: real commands on a local host, and what they show, by rich as SVG."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tensormesh_local import LocalHost, Options

COLUMNS = 96
COMMANDS = (
    ("infer", "chat", "What is the capital of France?"),
    ("infer", "models", "--columns", "id,max_model_len", "--query", "data[:4]"),
    ("billing", "pricing", "serverless", "list", "--columns", "model,inputTokenPrice,outputTokenPrice"),
    ("modles", "list"),
)
"""What is typed."""

# Without the fonts that rich asks another machine for.
FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw() -> str:
    """SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in session():
        console.print(line)
    shown = console.export_svg(title="tm", code_format=FORMAT, unique_id="tm")
    return "\n".join(line.rstrip() for line in shown.splitlines()) + "\n"


def session() -> Iterator[Text]:
    """What stands in the terminal, line by line."""
    with LocalHost(Options()) as host, tempfile.TemporaryDirectory() as home:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
        environment = {**kept, **host.environment(), "TM_CONFIG_HOME": home, "TERM": "xterm-256color"}
        for words in COMMANDS:
            typed = " ".join(f'"{word}"' if " " in word or "[" in word else word for word in words)
            yield Text.assemble(("$ ", "bold green"), f"tm {typed}")
            yield Text.from_ansi(run(words, environment).rstrip())
            yield Text("")


def run(words: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """What a command shows on a terminal."""
    ours, its = pty.openpty()
    try:
        os.set_blocking(ours, True)
        process = subprocess.Popen(
            [sys.executable, "-m", "tensormesh_cli", *words],
            stdin=subprocess.DEVNULL,
            stdout=its,
            stderr=its,
            env={**environment, "COLUMNS": str(COLUMNS), "LINES": "60"},
            cwd=Path(__file__).resolve().parents[2],
        )
    finally:
        os.close(its)
    shown = b""
    try:
        while piece := _read(ours):
            shown += piece
    finally:
        os.close(ours)
        process.wait()
    return shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # nobody has the other end any more
        return b""
