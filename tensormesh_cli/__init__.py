"""The `tm` command: Tensormesh from a shell. Calls the service through `tensormesh` only."""
