"""Sends the rows of a run."""
