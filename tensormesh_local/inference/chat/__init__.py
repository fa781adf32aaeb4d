"""The operation POST /v1/chat/completions: its request, its answer, its stream."""
