"""What OpenTelemetry is told of inference calls, where somebody in the process listens."""
