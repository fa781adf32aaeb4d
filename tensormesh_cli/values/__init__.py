"""JSON, money and times: as the service writes them, and as people do. Text and plain values; no I/O."""
