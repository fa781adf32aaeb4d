"""
Import a client and build it, and, if told so, ask it once; prints the peak memory. Arguments: contestant, class, URL,
and perhaps `ask`.

The whole process is what is measured, so nothing is imported here that the client may not need.
"""

import sys
from typing import Any

from .memory import peak_kilobytes


def main() -> None:
    name, mode, url = sys.argv[1:4]
    ask = sys.argv[4:] == ["ask"]
    contestant = __import__(f"{__package__}.{name}", fromlist=[mode])
    if mode == "Sync":
        client = contestant.Sync(url)
        assert not ask or client.request()
    else:
        import asyncio

        asyncio.run(build(contestant, url, ask))
    print(peak_kilobytes())


async def build(contestant: Any, url: str, ask: bool) -> None:
    client = contestant.Async(url)
    assert not ask or await client.request()
    await client.close()
