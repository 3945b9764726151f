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
    found: dict[str, list[str]] = {"CN": [], "OU": []}
    end = 0
    while part := _PART.match(text, end):
        name, value = part[1].upper(), re.sub(r"\\(.)", r"\1", part[2]).strip()
        if name in found:
            found[name].append(value)
        end = part.end() + 1  # the comma
        if end > len(text):
            break
    whole = end == len(text) + 1
    if not whole or len(found["CN"]) != 1 or not found["CN"][0] or len(found["OU"]) > 1:
        return None
    return Subject(found["CN"][0], (found["OU"] or [""])[0])


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
