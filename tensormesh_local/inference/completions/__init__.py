"""The operation POST /v1/completions: its request, its answer, its stream."""
