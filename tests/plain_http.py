"""HTTP without encryption, for clients of hosts on this machine."""

from __future__ import annotations

import ssl

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What `verify` of httpx is given: reading the certificates of the machine takes longer than most tests."""
