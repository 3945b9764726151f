"""Which certificates were taken back: the lists (CRL) that the authorities publish, read again when their file changes.

Pure: no Django. A list that is absent, unreadable, badly signed or past its date refuses everybody: an old list that
goes on counting would let in a certificate stolen since.
"""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509 import Certificate, CertificateRevocationList

VERIFIED = "SUCCESS"
REVOKED, EXPIRED = "FAILED:certificate revoked", "FAILED:CRL has expired"
ABSENT, UNREADABLE = "FAILED:unable to get certificate CRL", "FAILED:CRL unreadable"
_PEM = re.compile(rb"-----BEGIN X509 CRL-----.+?-----END X509 CRL-----", re.DOTALL)
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class _List:
    issuer: x509.Name
    until: datetime | None
    serials: frozenset[int]


class Revocations:
    """Of one file: one list or several, PEM or DER. `authorities`: who may sign them. Words are those of OpenSSL."""

    def __init__(self, path: Path, authorities: Iterable[Certificate], *, say: Callable[[str], None]) -> None:
        self._path, self._say = path, say
        self._authorities = list(authorities)
        self._stamp: Stamp | None = None
        self._lists: list[_List] = []
        self._told = ""

    def verdict(self, certificate: Certificate, *, at: datetime) -> str:
        """`SUCCESS` or `FAILED:…`, for a certificate whose chain was verified."""
        word = self._verdict(certificate, at)
        if word != self._told and word in {EXPIRED, ABSENT, UNREADABLE}:
            self._say(f"{self._path} : {_SAID[word]} Tous les certificats sont refusés.")
        self._told = word
        return word

    def _verdict(self, certificate: Certificate, at: datetime) -> str:
        try:
            self._read_again()
        except (OSError, ValueError, TypeError, InvalidSignature):
            self._stamp = None
            return UNREADABLE
        of_issuer = [each for each in self._lists if each.issuer == certificate.issuer]
        current = [each for each in of_issuer if each.until is None or at < each.until]
        if not current:
            return EXPIRED if of_issuer else ABSENT
        return REVOKED if any(certificate.serial_number in each.serials for each in current) else VERIFIED

    def _read_again(self) -> None:
        """A look at the file costs microseconds; a list of thousands is read once."""
        found = os.stat(self._path)  # noqa: PTH116  (its numbers)
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        if stamp != self._stamp:
            self._lists = [self._checked(each) for each in _read(self._path.read_bytes())]
            self._stamp = stamp

    def _checked(self, found: CertificateRevocationList) -> _List:
        """Raises InvalidSignature: nobody whom we trust signed it."""
        signers = (each for each in self._authorities if each.subject == found.issuer)
        if not any(found.is_signature_valid(each.public_key()) for each in signers):  # type: ignore[arg-type]
            raise InvalidSignature
        return _List(found.issuer, found.next_update_utc, frozenset(each.serial_number for each in found))


def _read(content: bytes) -> list[CertificateRevocationList]:
    """Raises ValueError: neither PEM nor DER."""
    if written := _PEM.findall(content):
        return [x509.load_pem_x509_crl(each) for each in written]
    return [x509.load_der_x509_crl(content)]


_SAID = {
    EXPIRED: "la liste de révocation est périmée ; téléchargez la suivante.",
    ABSENT: "aucune liste de révocation de l’autorité de ce certificat.",
    UNREADABLE: "la liste de révocation ne se lit pas, ou n’est pas signée par une autorité connue.",
}
