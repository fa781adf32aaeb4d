"""Opens a page for the user."""

from __future__ import annotations

import os
from threading import Thread

OF_THE_TERMINAL = {"elinks", "links", "lynx", "w3m", "www-browser"}
"""Browsers that would take the place of what stands on the terminal, for pages that they can hardly show."""


def open_page(address: str) -> None:
    """
    Open a page in the browser that the variable BROWSER names, or else in the one of the desktop, if there is one.

    Does not wait for it, because some come back only when they are closed. A browser of the terminal is opened only if
    BROWSER names it, and then it has the terminal until it is closed.
    """
    import webbrowser

    if not address.startswith(("https://", "http://")) or not address.isprintable() or " " in address:
        return
    try:
        name = webbrowser.get().basename
    except webbrowser.Error:
        return
    if name not in OF_THE_TERMINAL:
        Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    elif os.environ.get("BROWSER"):
        webbrowser.open(address)
