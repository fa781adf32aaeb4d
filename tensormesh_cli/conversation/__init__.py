"""A conversation with a model: what was said, what is sent, what was typed. Text and plain values; no I/O."""
