"""What is deprecated, said to type checkers (PEP 702) and, when it is called, to whoever calls it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import deprecated as deprecated  # type checkers bring it with them
else:
    T = TypeVar("T")

    def deprecated(message: str) -> Callable[[T], T]:
        """Say of a class or a function that it is deprecated. It works as before."""

        def said(thing: T) -> T:
            thing.__deprecated__ = message
            return thing

        return said


def warner(package: str) -> Callable[[str], None]:
    """
    The function that warns whoever called a package.

    Args:
        package: its folder; what is in it, and here, is not who called.
    """
    ours = (package, os.path.dirname(__file__))

    def warn(message: str) -> None:
        warnings.warn(message, DeprecationWarning, skip_file_prefixes=ours)

    return warn
