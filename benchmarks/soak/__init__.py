"""Whether anything grows, is left open or fails when a client is used for long: `python -m benchmarks.soak`."""
