"""INT_R03, declarations that were refused: kept some days, so that a manager can call the editor about them.

Nothing of the body is kept as it came: a peer may have written a name where none belongs. Six things are taken from it
when they look exactly as they should (the key, the status, two instants, two identifiers), and our own words on what is
wrong. The same again is counted on the same row; a client has MOST rows at most, the oldest leave.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from quinze.accounts.models import Sas
from quinze.base import live
from quinze.base.errors import Refusal
from quinze.interop.fhir.appointment import OPERATOR
from quinze.interop.fhir.facts import Resource, octets
from quinze.interop.fhir.faults import Faulty
from quinze.interop.fhir.receiving import TOPIC
from quinze.interop.fhir.regulator import NATIONAL, VALUES
from quinze.interop.models import EditorAppointment, FhirClient, RefusedDeclaration

KEPT, MOST, MOST_FAULTS = timedelta(days=14), 200, 5
_KEY = re.compile(r"[A-Za-z0-9._:/\-]{1,120}")
_WHERE = re.compile(r"[A-Za-z0-9_.:\[\]]{0,120}")
_CODE = re.compile(r"[a-z-]{1,20}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class Why:
    """What was answered. `faults`: place and words, both ours."""

    status: int
    faults: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, error: Exception) -> "Why":
        """Of a Faulty, a Refusal, or a Problem (which has the same three words)."""
        if isinstance(error, Faulty):
            return cls(error.status, [_said(one.where, one.says) for one in error.faults[:MOST_FAULTS]])
        if isinstance(error, Refusal):
            return cls(422, [_said(error.field or "", error.message)])
        return cls(getattr(error, "status", 500), [_said(getattr(error, "where", ""), getattr(error, "says", ""))])


def _said(where: str, says: str) -> dict[str, str]:
    return {"where": where if _WHERE.fullmatch(where) else "…", "says": says[:300]}


_STATEMENT = """
INSERT INTO interop_refuseddeclaration AS kept
    (client_id, method, status, system, value, content, faults, fingerprint, times, first_at, last_at)
VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, 1, %s, %s)
ON CONFLICT (client_id, fingerprint) DO UPDATE SET times = kept.times + 1, last_at = EXCLUDED.last_at
"""
_TOO_MANY = """
DELETE FROM interop_refuseddeclaration WHERE client_id = %s AND id IN (
    SELECT id FROM interop_refuseddeclaration WHERE client_id = %s ORDER BY last_at DESC, id DESC OFFSET %s)
"""


def keep(resource: Resource | None, why: Why, *, client: FhirClient, method: str, at: datetime) -> None:
    """`resource`: None when the body was no resource at all."""
    system, value, content = _excerpt(resource or {})
    told = octets([method, why.status, system, value, content, why.faults])
    shown = octets(content).decode(), octets(why.faults).decode(), hashlib.sha256(told).hexdigest()
    said: list[Any] = [client.pk, method, why.status, system, value, *shown, at, at]
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, said)
        cursor.execute(_TOO_MANY, [client.pk, client.pk, MOST])
    if client.sas_id is not None:
        live.publish(sas_id=client.sas_id, topics=[TOPIC], subject=f"refus:{client.pk}", at=at)


def refused(sas: Sas, *, at: datetime) -> QuerySet[RefusedDeclaration]:
    """The latest first. What the editor said well afterwards is over."""
    since = EditorAppointment.objects.filter(
        system=OuterRef("system"), value=OuterRef("value"), changed_at__gte=OuterRef("last_at")
    )
    found = RefusedDeclaration.objects.filter(Q(client__sas=sas) | Q(client__sas__isnull=True), last_at__gte=at - KEPT)
    return found.exclude(Exists(since)).select_related("client").order_by("-last_at", "-pk")


def forget_refused(*, at: datetime) -> int:
    deleted, _ = RefusedDeclaration.objects.filter(last_at__lt=at - KEPT).delete()
    return deleted


# ---- what is taken of a body


def _excerpt(resource: Resource) -> tuple[str, str, dict[str, str]]:
    """System and value of its identifier, and what else looks as it should; empty where it does not."""
    key = _first(resource.get("identifier"))
    content = {
        "status": _like(_CODE, resource.get("status")),
        "start": _like(_INSTANT, resource.get("start")),
        "end": _like(_INSTANT, resource.get("end")),
        "practitioner": _like(
            VALUES[NATIONAL], _at(_first(resource.get("participant")), "actor", "identifier", "value")
        ),
        "operator": _operator(resource.get("extension")),
    }
    return (
        _like(_KEY, key.get("system")),
        _like(_KEY, key.get("value")),
        {name: one for name, one in content.items() if one},
    )


def _operator(said: Any) -> str:
    extensions = said if isinstance(said, list) else []
    found = next((one for one in extensions[:10] if _at(one, "url") == OPERATOR), None)
    value = _at(found, "valueReference", "identifier", "value")
    return next((text for form in VALUES.values() if (text := _like(form, value))), "")


def _like(form: re.Pattern[str], said: Any) -> str:
    return said if isinstance(said, str) and form.fullmatch(said) else ""


def _first(said: Any) -> Mapping[str, Any]:
    one = said[0] if isinstance(said, list) and said else None
    return one if isinstance(one, dict) else {}


def _at(said: Any, *names: str) -> Any:
    for name in names:
        said = said.get(name) if isinstance(said, Mapping) else None
    return said
