"""A doctor who regulates is not at the practice: whose slots stay open then, and who receives in their place."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from quinze.availability.events import Regulation, RegulationAsked
from quinze.availability.models import Cover, Slot
from quinze.availability.receiving import Receiver
from quinze.base import events
from quinze.base.errors import NotFound
from quinze.base.periods import period
from quinze.base.written import Written
from quinze.directory.models import Place, Professional


@dataclass(frozen=True, slots=True)
class Clash:
    """Hours of a roster during which the doctor's own slots are open, or somebody is expected."""

    regulation: Regulation
    slots: int
    expected: int
    covers: tuple[Cover, ...]

    @property
    def is_settled(self) -> bool:
        """Somebody receives during all of it."""
        reached = self.regulation.start
        for cover in self.covers:
            if cover.during.lower <= reached:
                reached = max(reached, cover.during.upper)
        return reached >= self.regulation.end


def regulating(professional: Professional, *, since: datetime, until: datetime) -> list[Regulation]:
    """By their account, in any SAS; earliest first."""
    if professional.account_id is None:
        return []
    asked = RegulationAsked(professional.account_id, since, until)
    events.emit(asked)
    return sorted(asked.found, key=lambda each: (each.start, each.end))


def clashes(professional: Professional, *, hours: Sequence[Regulation], at: datetime) -> list[Clash]:
    """Of these hours, those that are not over and meet the doctor's own slots. Two reads, none without hours."""
    ahead = [each for each in hours if each.end > at]
    if not ahead:
        return []
    start, end = min(each.start for each in ahead), max(each.end for each in ahead)
    slots = list(_slots(professional, start=max(start, at), end=end))
    covers = list(covers_between(professional, start=start, end=end))
    found = [_clash(each, slots, covers, at) for each in ahead]
    return [clash for clash in found if clash.slots]


def _slots(professional: Professional, *, start: datetime, end: datetime) -> QuerySet[Slot]:
    slots = Slot.objects.filter(professional=professional, starts_at__lt=end, ends_at__gt=start)
    return (slots.filter(status=Slot.Status.OPEN) | slots.filter(taken__gt=0)).only(
        "starts_at", "ends_at", "taken", "professional"
    )


def _clash(hours: Regulation, slots: Iterable[Slot], covers: Iterable[Cover], at: datetime) -> Clash:
    start = max(hours.start, at)
    inside = [slot for slot in slots if slot.starts_at < hours.end and slot.ends_at > start]
    mine = [cover for cover in covers if cover.during.lower < hours.end and cover.during.upper > hours.start]
    return Clash(hours, len(inside), sum(slot.taken for slot in inside), tuple(mine))


def covers_between(professional: Professional, *, start: datetime, end: datetime) -> QuerySet[Cover]:
    """In the order of their hours."""
    lasting = Cover.objects.filter(professional=professional, withdrawn_at__isnull=True)
    return lasting.filter(during__overlap=period(start, end)).order_by("during", "pk")


def own_cover(professional: Professional, *, pk: int) -> Cover:
    cover = Cover.objects.filter(professional=professional, pk=pk, withdrawn_at__isnull=True).first()
    if cover is None:
        raise NotFound("Ce remplacement n’existe plus, ou n’est pas l’un des vôtres.")
    cover.professional = professional
    return cover


def known_substitutes(professional: Professional, *, at: datetime) -> list[str]:
    """Those whose replacement of this doctor an accounts manager validated, and is running or to come."""
    rows = Place.objects.filter(replaces=professional, is_active=True, valid_until__gt=at, professional__isnull=False)
    return sorted({str(place.professional) for place in rows.select_related("professional")})


def receiver_told(professional: str, at: str) -> Subquery:
    """A column more for a row: who receives at that hour, for `Receiver.read`; null when the doctor does. The names are
    those of the row's own columns.
    """
    lasting = Cover.objects.filter(professional=OuterRef(professional), during__contains=OuterRef(at))
    return Subquery(_told(lasting.filter(withdrawn_at__isnull=True))[:1])


def _told(covers: QuerySet[Cover]) -> QuerySet[Cover, str]:
    return covers.values_list(Concat("quality", Value(" "), "name"), flat=True)


_RECEIVER: Written[str] = Written(
    lambda professional, at: _told(
        Cover.objects.filter(professional_id=professional, withdrawn_at__isnull=True, during__contains=at)
    ),
    professional=int,
    at=datetime,
)


def receiver_told_at(professional_id: int | None, *, at: datetime) -> str | None:
    """The same, of one hour."""
    return next(iter(_RECEIVER(professional=professional_id, at=at)), None) if professional_id else None


def receiver_of(professional_id: int | None, *, at: datetime) -> Receiver | None:
    """Who receives in the doctor's place at that hour; None when the doctor does, or for a structure's own hours."""
    return Receiver.read(receiver_told_at(professional_id, at=at))


Hour = tuple[int, datetime]  # a professional, an instant


def receivers_at(hours: Iterable[tuple[int | None, datetime]]) -> dict[Hour, Receiver]:
    """Of many hours, those at which somebody else receives. One read, none without a professional."""
    asked = {(professional, at) for professional, at in hours if professional is not None}
    if not asked:
        return {}
    instants = [at for _, at in asked]
    among = Cover.objects.filter(professional__in={who for who, _ in asked}, withdrawn_at__isnull=True)
    lasting = defaultdict(list)
    for cover in among.filter(during__overlap=DateTimeTZRange(min(instants), max(instants), "[]")):
        lasting[cover.professional_id].append(cover)
    return {
        (who, at): Receiver(cover.quality, cover.name)
        for who, at in asked
        for cover in lasting[who]
        if cover.during.lower <= at < cover.during.upper
    }
