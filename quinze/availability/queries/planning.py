"""Who of a structure opens what, in one week: what its manager and its members share."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from quinze.availability.models import Audience, Slot
from quinze.base.periods import local_instant
from quinze.directory.models import Professional, Structure

SHARED = (Audience.SNP, Audience.CPTS)
PAUSE = timedelta(minutes=5)  # two slots nearer than that read as one opening


@dataclass(frozen=True, slots=True)
class Opening:
    """One run of slots of one person, in local time."""

    start: datetime
    end: datetime
    seats: int
    free: int
    is_over: bool

    @property
    def said(self) -> str:
        if self.is_over:
            return f"{self.seats} place{'s' if self.seats > 1 else ''}"
        return f"{self.free} libre{'s' if self.free > 1 else ''} sur {self.seats}"

    @property
    def hours(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class PlanningRow:
    """One member, or the structure's own place when `who` is none."""

    who: Professional | None
    days: list[list[Opening]]

    @property
    def seats(self) -> int:
        return sum(opening.seats for day in self.days for opening in day)


def planning(
    structure: Structure, members: Sequence[Professional], *, monday: date, zone: str, at: datetime
) -> list[PlanningRow]:
    """Openings to the SAS and to the CPTS only: what a doctor keeps for others is not the structure's business."""
    start = local_instant(monday, time.min, zone)
    end = local_instant(monday + timedelta(days=7), time.min, zone)
    slots = Slot.objects.filter(
        Q(professional__in=members) | Q(structure=structure, professional__isnull=True),
        Q(status=Slot.Status.OPEN) | Q(taken__gt=0),
        audience__in=SHARED,
        starts_at__gte=start,
        starts_at__lt=end,
    )
    found: dict[int | None, list[Slot]] = defaultdict(list)
    for slot in slots.order_by("starts_at", "pk"):
        found[slot.professional_id].append(slot)
    people: list[Professional | None] = [*members, *([None] if None in found else [])]
    return [PlanningRow(who, _days(found[who.pk if who else None], monday, zone, at=at)) for who in people]


def _days(slots: list[Slot], monday: date, zone: str, *, at: datetime) -> list[list[Opening]]:
    days: list[list[Opening]] = [[] for _ in range(7)]
    for slot in slots:
        start, end = (edge.astimezone(ZoneInfo(zone)) for edge in (slot.starts_at, slot.ends_at))
        day = days[(start.date() - monday).days]
        free = max(0, slot.capacity - slot.taken) if slot.ends_at > at and slot.status == Slot.Status.OPEN else 0
        if day and timedelta(0) <= start - day[-1].end <= PAUSE:
            last = day.pop()
            day.append(Opening(last.start, end, last.seats + slot.capacity, last.free + free, is_over=end <= at))
        else:
            day.append(Opening(start, end, slot.capacity, free, is_over=end <= at))
    return days
