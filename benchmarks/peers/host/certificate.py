"""A certificate for 127.0.0.1, which holds for one run, and how clients are told to trust it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.clean_room import CleanRoomError, run

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""What clients read of the environment to find whom to trust."""


def make(folder: Path) -> Path:
    """
    Make one, signed by itself.

    Returns:
        The file, which holds its key as well.

    Raises:
        CleanRoomError: it cannot be made.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        raise CleanRoomError("there is no openssl to make a certificate with")
    folder.mkdir(parents=True, exist_ok=True)
    file, key = folder / "certificate.pem", folder / "key.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(file)]
    run([openssl, "req", "-x509", *kind, *names, *files], "openssl makes no certificate")
    file.write_text(file.read_text() + key.read_text())
    return file


def trust(certificate: Path) -> dict[str, str]:
    """The variables that make clients trust it: requests has one of its own, all others read OpenSSL's."""
    return {"SSL_CERT_FILE": str(certificate), "REQUESTS_CA_BUNDLE": str(certificate)}
