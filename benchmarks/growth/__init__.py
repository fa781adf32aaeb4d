"""Whether any input makes work grow with its square: `python -m benchmarks.growth`."""
