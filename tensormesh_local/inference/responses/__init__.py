"""The operation POST /v1/responses: its request, its answer, its stream."""
