"""Exit codes that no kind of failure decides. Imports nothing, so that Ctrl-C is met from the first moment on."""

INTERRUPTED = 130
"""After Ctrl-C, as shells have it."""

BROKEN_PIPE = 141
"""When nobody reads the output any more, as shells have it."""
