"""Who may ask: the machines that the installation registered, known by the subject of their certificate.

TLS ends at our own server (quinze.config.mtls) or at a reverse proxy. Either says the subject in headers, which are
believed only beside the secret that it shares with us (QUINZE_FHIR_PROXY_SECRET; without it, FHIR is off).
"""

import hmac
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from cryptography import x509
from django.conf import settings
from django.db.models import F

from quinze.accounts.models import Sas
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.planned import planned
from quinze.base.written import Written
from quinze.interop.fhir import revocation
from quinze.interop.models import DEFAULT_PER_MINUTE, FhirClient, Flow

SECRET, VERIFIED, SUBJECT = "HTTP_X_FHIR_PROXY_SECRET", "HTTP_X_CLIENT_VERIFY", "HTTP_X_CLIENT_SUBJECT"
CERTIFICATE = "HTTP_X_CLIENT_CERTIFICATE"  # PEM, as nginx escapes it
NOT_SHOWN = "FAILED:certificate not forwarded"
LONGEST_SUBJECT, LONGEST_CERTIFICATE = 1000, 20_000
NOT_ADMITTED = "Ce certificat n’est pas admis pour cet échange."
_VERIFIED = {
    "NONE": "Aucun certificat client n’a été présenté.",
    "FAILED:certificate revoked": "Ce certificat est révoqué.",
    "FAILED:certificate has expired": "Ce certificat est périmé.",
    "FAILED:CRL has expired": "La liste de révocation connue de ce service est périmée : aucun certificat n’est admis.",
    "FAILED:CRL unreadable": "La liste de révocation de ce service ne se lit pas : aucun certificat n’est admis.",
    NOT_SHOWN: "Le mandataire ne transmet pas le certificat : la liste de révocation ne peut être consultée.",
    "FAILED:unable to get certificate CRL": "Ce service n’a pas la liste de révocation de l’autorité de ce certificat.",
}
log = logging.getLogger("quinze.fhir")
_ESCAPED = re.compile(r"(?:\\[0-9A-Fa-f]{2})+|\\(.)", re.DOTALL)
_PART = re.compile(r"\s*([A-Za-z0-9.]+)\s*=\s*((?:\\.|[^,\\])*)")


_ACTIVE = Written(
    lambda common_name, unit: FhirClient.objects.filter(common_name=common_name, unit=unit, ended_at__isnull=True),
    common_name=str,
    unit=str,
)


def client_of(headers: Mapping[str, str]) -> FhirClient | None:
    """From the WSGI environment. None: no secret is set or said, the certificate was not verified or was taken back,
    nobody is known.
    """
    if not _trusted(headers) or _word(headers) != revocation.VERIFIED:
        return None
    subject = subject_of(headers.get(SUBJECT, ""))
    if subject is None:
        return None
    return next(iter(_ACTIVE(common_name=subject.common_name, unit=subject.unit)), None)


def why_not(headers: Mapping[str, str]) -> str:
    """Said to who was refused. Who comes without the secret learns nothing."""
    word = _word(headers) if _trusted(headers) else ""
    return _VERIFIED.get(word, NOT_ADMITTED)


def _word(headers: Mapping[str, str]) -> str:
    """What the proxy says of the certificate, then what the lists of revocation say now: a proxy reads them when it
    starts, and knows nothing of a later one.
    """
    said = headers.get(VERIFIED, "")
    if said != revocation.VERIFIED or not settings.QUINZE_FHIR_CRL:
        return said
    certificate = _certificate(headers.get(CERTIFICATE, ""))
    if certificate is None:
        return NOT_SHOWN
    lists = _lists(settings.QUINZE_FHIR_CRL, settings.QUINZE_FHIR_CA)
    return lists.verdict(certificate, at=datetime.now(UTC)) if lists else revocation.UNREADABLE


@lru_cache(maxsize=256)
def _certificate(escaped: str) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(unquote(escaped[:LONGEST_CERTIFICATE]).encode())
    except ValueError:
        return None


def _lists(lists: str, authorities: str) -> revocation.Revocations | None:
    """None: the authorities cannot be read. Those that changed their file are read again."""
    try:
        found = Path(authorities).stat()
        return _revocations(lists, authorities, (found.st_mtime_ns, found.st_size, found.st_ino))
    except (OSError, ValueError):
        log.error("%s : les autorités ne se lisent pas. Tous les certificats sont refusés.", authorities)
        return None


@lru_cache(maxsize=4)
def _revocations(lists: str, authorities: str, _stamp: revocation.Stamp) -> revocation.Revocations:
    known = x509.load_pem_x509_certificates(Path(authorities).read_bytes())
    return revocation.Revocations(Path(lists), known, say=log.error)


def _trusted(headers: Mapping[str, str]) -> bool:
    secret: str = settings.QUINZE_FHIR_PROXY_SECRET
    said = headers.get(SECRET, "")
    return bool(secret) and hmac.compare_digest(said.encode(), secret.encode())


@dataclass(frozen=True, slots=True)
class Subject:
    common_name: str
    unit: str


@lru_cache(maxsize=256)
def subject_of(text: str) -> Subject | None:
    """An RFC 2253 name, as nginx writes `$ssl_client_s_dn`. One CN and at most one OU: two would let a peer choose."""
    if len(text) > LONGEST_SUBJECT or "\x00" in text:
        return None
    try:
        parts = _parts(text)
    except ValueError:
        return None
    names = [value for name, value in parts if name == "CN"]
    units = [value for name, value in parts if name == "OU"]
    if len(names) != 1 or len(units) > 1 or not all(value.isprintable() for value in (*names, *units)):
        return None
    return Subject(names[0], units[0] if units else "") if names[0] else None


def _parts(text: str) -> list[tuple[str, str]]:
    """Raises ValueError where a part is none."""
    found: list[tuple[str, str]] = []
    end = 0
    while end <= len(text):
        part = _PART.match(text, end)
        if part is None or (part.end() < len(text) and text[part.end()] != ","):
            raise ValueError(text)
        found.append((part[1].upper(), _unescaped(part[2]).strip()))
        end = part.end() + 1  # the comma
    return found


def _unescaped(text: str) -> str:
    """A comma after a backslash is a comma; two hexadecimal digits after it, an octet of UTF-8.

    Raises UnicodeDecodeError (a ValueError) on octets that are no text.
    """
    return _ESCAPED.sub(lambda found: found[1] or bytes.fromhex(found[0].replace("\\", "")).decode(), text)


_COUNTED = b"""
INSERT INTO interop_fhirpace AS kept (client_id, seats, at, passed) VALUES ($1, $2::float8 - 1, $3, true)
ON CONFLICT (client_id) DO UPDATE SET (seats, at, passed) = (
    SELECT found.seats - (found.seats >= 1)::int, GREATEST(kept.at, EXCLUDED.at), found.seats >= 1
    FROM (SELECT GREATEST(0, EXTRACT(EPOCH FROM EXCLUDED.at - kept.at))::float8 AS seconds) AS passed,
    LATERAL (SELECT LEAST($2, kept.seats + passed.seconds * $2 / 60) AS seats) AS found
)
RETURNING seats, passed
"""


class Pace:
    """A bucket per client, refilled as time passes: `per_minute` at once at most, of all processes together.

    One statement on one row of a table that PostgreSQL does not log: no disk is waited for, a crash forgets a minute.
    """

    def wait(self, client: FhirClient, *, at: datetime) -> int:
        """Seconds to wait, 0 when the request may pass (and is counted)."""
        ((left, passed),) = planned(_COUNTED, [client.pk, float(client.per_minute), at])
        return 0 if passed else max(1, round((1 - left) * 60 / client.per_minute))


def register_client(
    *,
    name: str,
    common_name: str,
    unit: str,
    flows: list[str],
    sas: Sas | None,
    at: datetime,
    per_minute: int = DEFAULT_PER_MINUTE,
) -> FhirClient:
    """Raises Refusal: unknown flow, the same certificate twice, a pace that is none."""
    if unknown := [flow for flow in flows if flow not in Flow.values]:
        raise Refusal(f"Flux inconnu : {unknown[0]}. Les flux sont {', '.join(Flow.values)}.", field="flows")
    with refuse_violations():
        return FhirClient.objects.create(
            name=name.strip(),
            common_name=common_name.strip(),
            unit=unit.strip(),
            flows=sorted(set(flows)),
            sas=sas,
            per_minute=per_minute,
            created_at=at,
        )


def end_client(*, common_name: str, unit: str, at: datetime) -> FhirClient:
    """It is refused from the next request on."""
    found = FhirClient.objects.filter(common_name=common_name, unit=unit, ended_at__isnull=True).first()
    if found is None:
        raise Refusal("Aucun client actif n’a ce certificat : « quinze fhir-client list » donne la liste.")
    found.ended_at = at
    found.save(update_fields=["ended_at"])
    return found


def clients() -> list[FhirClient]:
    """Active first, then by name."""
    return list(FhirClient.objects.select_related("sas").order_by(F("ended_at").desc(nulls_first=True), "name"))
