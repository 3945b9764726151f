"""One declaration over HTTPS: our certificate, their authority, a bounded time and a bounded answer."""

import json
import ssl
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings

from quinze.base.errors import Refusal
from quinze.interop.editors.certificates import context
from quinze.interop.fhir import appointment, declaring
from quinze.interop.fhir.appointment import Rdv
from quinze.interop.fhir.declaring import Answer
from quinze.interop.fhir.facts import octets
from quinze.interop.fhir.models import DeclaredBooking

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
LIMIT = 100_000  # octets of an answer
HEADERS = {"Accept": "application/fhir+json", "Content-Type": "application/fhir+json", "User-Agent": "Quinze"}
FINAL = frozenset([400, 410, 412, 413, 415, 422])  # asking again would be answered the same
NO_CARD = "L’opérateur n’a pas d’identifiant national : il se connecte une fois par Pro Santé Connect, puis renvoyez."


def send(pk: int, *, at: datetime, transport: httpx.BaseTransport | None = None) -> DeclaredBooking | None:
    """The present state of one appointment, if it is due. No transaction is open while the platform answers."""
    row = declaring.to_send(pk, at=at)
    if row is None:
        return None
    if declaring.never_needed(row):
        return declaring.note(row, Answer(is_accepted=True), at=at)
    rdv = declaring.rdv_of(row)
    if rdv is None:
        return declaring.note(row, Answer(is_accepted=False, says=NO_CARD, is_final=True), at=at)
    return declaring.note(row, ask(rdv, zone=row.booking.place.zone, is_known=row.tried, transport=transport), at=at)


def ask(rdv: Rdv, *, zone: str, is_known: bool, transport: httpx.BaseTransport | None = None) -> Answer:
    """A creation the first time; afterwards what it is now, which the platform takes for a creation when it is not."""
    criterion = f"?identifier={quote(f'{rdv.system}|{rdv.value}', safe=':/')}" if is_known else ""
    address = f"{settings.QUINZE_PLATFORM_URL.rstrip('/')}/Appointment{criterion}"
    body = octets(appointment.write(rdv, zone=zone))
    try:
        with (
            httpx.Client(
                verify=True if transport else _trusted(), timeout=TIMEOUT, trust_env=False, transport=transport
            ) as client,
            client.stream("PUT" if is_known else "POST", address, content=body, headers=HEADERS) as response,
        ):
            return read(response.status_code, _content(response))
    except httpx.TimeoutException:
        return Answer(is_accepted=False, says="La plateforme nationale n’a pas répondu à temps.")
    except httpx.HTTPError:
        return Answer(is_accepted=False, says="La plateforme nationale est injoignable, ou refuse notre certificat.")
    except (OSError, ssl.SSLError, Refusal):
        return Answer(is_accepted=False, says="Nos certificats ne s’ouvrent pas : vérifiez QUINZE_PLATFORM_….")


def read(status: int, content: bytes) -> Answer:
    """What an answer means. What it says is text of others: shortened, never more."""
    if 200 <= status < 300:
        return Answer(is_accepted=True)
    says = f"Réponse {status} de la plateforme nationale{_diagnostics(content)}"[:300]
    return Answer(is_accepted=False, says=says, is_final=status in FINAL, is_known=status == 409)


def _diagnostics(content: bytes) -> str:
    try:
        issues = json.loads(content)["issue"]
        said = [str(issue.get("diagnostics") or issue.get("details", {}).get("text", "")) for issue in issues[:3]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "."
    words = " ".join(" ".join(said).split())
    return f" : {words}" if words else "."


def _content(response: httpx.Response) -> bytes:
    found = b""
    for part in response.iter_bytes():
        found += part
        if len(found) > LIMIT:
            break
    return found


def _trusted() -> Any:
    """Plain HTTP is for a platform of tests on this machine: settings refuse it elsewhere."""
    if settings.QUINZE_PLATFORM_URL.startswith("http://"):
        return False
    return context(
        settings.QUINZE_PLATFORM_CERTIFICATE, settings.QUINZE_PLATFORM_KEY, settings.QUINZE_PLATFORM_AUTHORITY
    )
