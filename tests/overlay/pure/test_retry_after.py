"""How long a host asks to wait, in whatever words."""

from __future__ import annotations

from tensormesh_overlay.retry_after import retry_after
from tests.cases import cases

PAST = "Wed, 21 Oct 2015 07:28:00 GMT"
FAR = "Wed, 21 Oct 2115 07:28:00 GMT"


@cases(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        (PAST, 0.0),
        ("5, 10", 10.0),
        ("10,5", 10.0),
        ("5, soon", 5.0),
        ("soon, 5", 5.0),
        (f"5, {PAST}", 5.0),
        (f"{PAST}, 5", 5.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT, 3", 3.0),
        ("5, 99999999999", 5.0),
        ("5, inf", 5.0),
        ("5, -1", 5.0),
        (f"5, {FAR}", 5.0),
        ("5,, ,", 5.0),
        ("soon, later", None),
        (", ,", None),
        ("", None),
        ("nan", None),
        ("5" * 5_000, None),
        ("\u0665", 5.0),
    ],
)
def test_of_several_the_longest_that_makes_sense_is_waited(text: str, seconds: float | None) -> None:
    """A host, and who stands before it, may each say how long."""
    assert retry_after({"retry-after": text}) == seconds


def test_milliseconds_come_twice_too() -> None:
    assert retry_after({"retry-after-ms": "100, 250", "retry-after": "9"}) == 0.25
    assert retry_after({"retry-after-ms": "soon", "retry-after": "9"}) == 9.0
