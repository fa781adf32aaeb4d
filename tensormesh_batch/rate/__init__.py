"""How fast the rows go. No I/O, and no clock: times are handed in."""
