"""Whom a run asks: an address, the keys for it, or a local host of one's own."""
