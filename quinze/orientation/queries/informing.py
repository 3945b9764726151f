"""Letters that wait to be posted; people without a referring doctor, by name for the desk, counted for others."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from quinze.accounts.models import Sas
from quinze.base.errors import NotFound
from quinze.directory.models import Structure
from quinze.orientation.models import Message, ReferringNotice

Way, Why = ReferringNotice.Way, ReferringNotice.Why
WITHOUT_SINCE = timedelta(days=90)
MOST = 200
FEWEST = 3  # people under which a count could point at somebody
TO_POST = Q(posted_at__isnull=True) & (Q(way=Way.PRINT) | Q(message__status=Message.Status.FAILED))


def _notices(sas: Sas) -> QuerySet[ReferringNotice]:
    return ReferringNotice.objects.filter(sas=sas).select_related(
        "patient", "professional", "booking__place__commune", "booking__professional", "booking__structure",
        "booking__request__commune", "booking__sas", "message",
    )  # fmt: skip


def to_post(*, sas: Sas) -> list[ReferringNotice]:
    """Oldest first."""
    return list(_notices(sas).filter(TO_POST).order_by("at", "pk")[:MOST])


def without_referring(*, sas: Sas, at: datetime) -> list[ReferringNotice]:
    """Seen in the last ninety days, and still without a referring doctor; each person once, most recent first."""
    nobody = Q(patient__referring_doctor__isnull=True, patient__referring_doctor_text="")
    found = _notices(sas).filter(nobody, way=Way.NONE, why=Why.NOBODY, at__gt=at - WITHOUT_SINCE)
    once: dict[int, ReferringNotice] = {}
    for notice in found.order_by("-at", "-pk"):
        once.setdefault(notice.patient_id, notice)
    return list(once.values())


def notice_of(*, sas: Sas, pk: int) -> ReferringNotice:
    found = _notices(sas).filter(pk=pk).first()
    if found is None:
        raise NotFound("Cette lettre n’existe pas. Revenez à la liste.")
    return found


@dataclass(frozen=True, slots=True)
class Followed:
    """People without a referring doctor in one CPTS, or outside of all; None: fewer than three."""

    name: str
    people: int | None


def by_cpts(*, sas: Sas, at: datetime) -> list[Followed]:
    """Where they live. A commune of two CPTS counts in both."""
    communes = Counter(notice.booking.request.commune_id for notice in without_referring(sas=sas, at=at))
    zones = Structure.objects.filter(sas=sas, kind="CPTS", zone_communes__commune__in=[c for c in communes if c])
    pairs = list(zones.order_by("name", "pk").values_list("name", "zone_communes__commune"))
    counts = Counter[str]()
    for name, commune in pairs:
        counts[name] += communes.get(commune, 0)
    covered = {commune for _, commune in pairs}
    outside = sum(count for commune, count in communes.items() if commune not in covered)
    rows = [*sorted(counts.items()), ("Hors CPTS", outside)]
    return [Followed(name, people if people >= FEWEST else None) for name, people in rows if people]
