"""The transport for asyncio: protocols around the core."""
