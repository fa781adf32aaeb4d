"""
`python -m documentation.pictures.screens`: pages that a browser shows, photographed by Chromium.

Browsers draw letters each in their own way, so these are made when a page looks different, and no test compares them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tensormesh import Tensormesh, batch
from tensormesh_local import LocalHost, Options

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
NAMES = ("login.png", "batch-report.png")
"""What is written."""


def photograph(program: str, address: str, name: str, *, height: int) -> None:
    """A picture of what stands at an address."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                program,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
                f"--user-data-dir={profile}",
                f"--window-size=900,{height}",
                f"--screenshot={PICTURES / name}",
                address,
            ],
            check=True,
            capture_output=True,
        )


def main() -> int:
    """Make all of them."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        print("needs Chromium: apt-get install chromium", file=sys.stderr)
        return 1
    with (
        LocalHost(Options()) as host,
        Tensormesh(env=host.environment()) as client,
        tempfile.TemporaryDirectory() as at,
    ):
        login = client.control_plane.cli_auth.start()
        photograph(program, login.auth_url, "login.png", height=660)
        rows = (
            {
                "custom_id": f"{question}-{document}",
                "body": {
                    "model": "openai/gpt-oss-20b",
                    "messages": [
                        {"role": "system", "content": f"Document {document}. " + "It tells of prefix caches. " * 40},
                        {"role": "user", "content": f"What does sentence {question} say?"},
                    ],
                    "max_tokens": 16,
                },
            }
            for question in range(20)
            for document in range(400)
        )
        answers = Path(at) / "answers"
        price = batch.Price.of("0.07,0.28")
        batch.run(rows, answers, price=price, max_in_flight=64, client_options={"env": host.environment()})
        photograph(program, f"file://{answers}/report.html", "batch-report.png", height=740)
    return 0


if __name__ == "__main__":
    sys.exit(main())
