"""Mutual TLS towards an editor: our certificate, and the one authority that may have signed theirs."""

import ssl
from functools import lru_cache
from pathlib import Path


def context(certificate: str, key: str, authority: str) -> ssl.SSLContext:
    """Files are read again when they change on the disk. ssl.SSLError or OSError when they do not open together."""
    dates = tuple(Path(path).stat().st_mtime_ns for path in (certificate, key, authority))
    return _context(certificate, key, authority, dates)


@lru_cache(maxsize=256)
def _context(certificate: str, key: str, authority: str, _dates: tuple[int, ...]) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks the name and the chain
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_verify_locations(cafile=authority)
    made.load_cert_chain(certificate, key, password=lambda: b"")  # a locked key is refused, never asked for
    return made
