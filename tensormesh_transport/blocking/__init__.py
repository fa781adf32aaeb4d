"""The transport for threads: blocking sockets around the core."""
