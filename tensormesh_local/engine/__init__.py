"""
The built-in engine: conversations in, tokens out, no weights.

Knows words, tokens and a prefix cache, but not HTTP, JSON shapes and errors,
which are `inference`'s.
"""
