"""HTTP/1.1 for programs that make many calls: one behaviour, for threads and for asyncio. See README.md beside this."""
