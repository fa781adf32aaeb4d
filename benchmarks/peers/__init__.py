"""What a call costs beside what it costs with other clients: `python -m benchmarks.peers`."""
