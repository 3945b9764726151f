"""Who may ask: the machines that the installation registered, known by the subject of their certificate.

The TLS of production ends at the reverse proxy. It says the subject in headers, which are believed only beside the
secret that it shares with us (QUINZE_FHIR_PROXY_SECRET; without it, FHIR is off).
"""

import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.conf import settings
from django.db.models import F

from quinze.accounts.models import Sas
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.written import Written
from quinze.interop.models import DEFAULT_PER_MINUTE, FhirClient, Flow

SECRET, VERIFIED, SUBJECT = "HTTP_X_FHIR_PROXY_SECRET", "HTTP_X_CLIENT_VERIFY", "HTTP_X_CLIENT_SUBJECT"
LONGEST_SUBJECT = 1000
MOST_COUNTED = 1000  # clients whose pace is remembered
_ESCAPED = re.compile(r"(?:\\[0-9A-Fa-f]{2})+|\\(.)", re.DOTALL)
_PART = re.compile(r"\s*([A-Za-z0-9.]+)\s*=\s*((?:\\.|[^,\\])*)")


_ACTIVE = Written(
    lambda common_name, unit: FhirClient.objects.filter(common_name=common_name, unit=unit, ended_at__isnull=True),
    common_name=str,
    unit=str,
)


def client_of(headers: Mapping[str, str]) -> FhirClient | None:
    """From the WSGI environment. None: no secret is set or said, the certificate was not verified, nobody is known."""
    secret: str = settings.QUINZE_FHIR_PROXY_SECRET
    said = headers.get(SECRET, "")
    if not secret or not hmac.compare_digest(said.encode(), secret.encode()):
        return None
    if headers.get(VERIFIED) != "SUCCESS":
        return None
    subject = subject_of(headers.get(SUBJECT, ""))
    if subject is None:
        return None
    return next(iter(_ACTIVE(common_name=subject.common_name, unit=subject.unit)), None)


@dataclass(frozen=True, slots=True)
class Subject:
    common_name: str
    unit: str


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


class Pace:
    """A bucket per client, refilled as time passes: `per_minute` at once at most. Of this process alone."""

    def __init__(self) -> None:
        self._left: OrderedDict[int, tuple[float, datetime]] = OrderedDict()
        self._lock = Lock()

    def wait(self, client: FhirClient, *, at: datetime) -> int:
        """Seconds to wait, 0 when the request may pass (and is counted)."""
        with self._lock:
            left, since = self._left.pop(client.pk, (float(client.per_minute), at))
            passed = max(0.0, (at - since).total_seconds())
            left = min(float(client.per_minute), left + passed * client.per_minute / 60)
            allowed = left >= 1
            self._left[client.pk] = (left - 1 if allowed else left, at)
            while len(self._left) > MOST_COUNTED:
                self._left.popitem(last=False)
        return 0 if allowed else max(1, round((1 - left) * 60 / client.per_minute))


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
