"""Exactly what the SAS sees of a doctor in the next days, and for each hour not shown, why."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q, QuerySet

from quinze.accounts.models import Sas
from quinze.availability.calendar import public_holidays
from quinze.availability.limits import too_late, words
from quinze.availability.models import Absence, BusyTime, OpeningRule, Slot
from quinze.availability.opening import science_rule, spec_of
from quinze.availability.queries.offer import absent_between, participation_of, seen_audiences
from quinze.base.periods import local_instant
from quinze.directory.models import Participation, Professional
from quinze.science.slots import WeeklyRule, is_bridge, week_of

DAYS_SEEN = 3


class Why(StrEnum):
    """A slot is not shown for the first of these that applies."""

    NO_PARTICIPATION = "no_participation"
    ABSENCE = "absence"
    BUSY = "busy"
    CLOSED = "closed"
    PLACE = "place"
    FULL = "full"
    TAKEN_BACK = "taken_back"
    AUDIENCE = "audience"
    NOTICE = "notice"

    @property
    def words(self) -> str:
        return WORDS[self]


WORDS = {
    Why.NO_PARTICIPATION: "faute de participation au SAS",
    Why.ABSENCE: "pendant une absence",
    Why.BUSY: "votre agenda est pris",
    Why.CLOSED: "hors de vos règles",
    Why.PLACE: "lieu inactif dans l’annuaire",
    Why.FULL: "sans place",
    Why.TAKEN_BACK: "caché par vous",
    Why.AUDIENCE: "pour un autre public",
    Why.NOTICE: "délai de prévenance dépassé",
}
# What one tap on the slot itself changes; the rest is changed where it was said.
BY_ONE_TAP = (Why.TAKEN_BACK, Why.AUDIENCE)


@dataclass(frozen=True, slots=True)
class SeenLine:
    """One slot as the SAS has it: shown, or not and why; `only_for` limits whom it is proposed to."""

    slot: Slot
    why: Why | None
    only_for: list[str]

    @property
    def reason(self) -> str:
        if self.why is Why.AUDIENCE:
            return f"{self.why.words} : {self.slot.get_audience_display().lower()}"
        return self.why.words if self.why else ""

    @property
    def may_show(self) -> bool:
        return self.why in BY_ONE_TAP

    @property
    def may_hide(self) -> bool:
        return self.why is None


@dataclass(frozen=True, slots=True)
class SeenDay:
    day: date
    lines: list[SeenLine]
    absent_from: datetime | None = None
    absent_until: datetime | None = None
    closed: list[str] = field(default_factory=list)  # rules of that weekday that do not open, and why

    @property
    def slots(self) -> list[Slot]:
        return [line.slot for line in self.lines if line.why is None]


@dataclass(frozen=True, slots=True)
class SeenBySas:
    """The OSNP's own line for one doctor, and what it leaves out."""

    days: list[SeenDay]
    participation: Participation | None

    @property
    def seats(self) -> int:
        return sum(slot.capacity - slot.taken for day in self.days for slot in day.slots)

    @property
    def hidden(self) -> list[tuple[str, int]]:
        """Why, and how many slots."""
        lines = [line for day in self.days for line in day.lines if line.why]
        return list(Counter(line.reason for line in lines).items())


def what_sas_sees(professional: Professional, *, sas: Sas, at: datetime, days: int = DAYS_SEEN) -> SeenBySas:
    participation = participation_of(professional, sas=sas, at=at)
    today = at.astimezone(ZoneInfo(sas.zone)).date()
    until = local_instant(today + timedelta(days=days), time.min, sas.zone)
    slots = list(_ahead(professional, at=at, until=until))
    lost = _Lost.of(professional, slots, at=at, until=until)
    lines = [SeenLine(s, why_hidden(s, participation, lost=lost, at=at), words(s)) for s in slots]
    away = absent_between([professional.pk], at=at, until=until).get(professional.pk, [])
    closed = _closed(professional, [today + timedelta(days=n) for n in range(days)])
    return SeenBySas(
        [_day(today + timedelta(days=n), lines, away, sas.zone, closed) for n in range(days)], participation
    )


def why_hidden(slot: Slot, participation: Participation | None, *, lost: "_Lost", at: datetime) -> Why | None:
    """None: the SAS sees it. The search says the same in SQL (orientation/queries); a test compares them."""
    seen = seen_audiences(participation)
    if not seen:
        return Why.NO_PARTICIPATION
    if slot.status != Slot.Status.OPEN:
        return lost.reason(slot)
    obstacles = {
        Why.PLACE: not slot.place.is_active,
        Why.FULL: slot.taken >= slot.capacity,
        Why.TAKEN_BACK: slot.sas_sees is False,
        Why.AUDIENCE: slot.audience not in seen and not slot.sas_sees,
        Why.NOTICE: too_late(slot, at=at),
    }
    return next((why for why, stands in obstacles.items() if stands), None)


@dataclass(frozen=True, slots=True)
class _Lost:
    """What may have taken a slot away: read once, and only when one is withdrawn."""

    absences: Sequence[tuple[int | None, DateTimeTZRange]] = ()
    busy: Sequence[tuple[int | None, DateTimeTZRange]] = ()

    @classmethod
    def of(cls, professional: Professional, slots: Sequence[Slot], *, at: datetime, until: datetime) -> "_Lost":
        if all(slot.status == Slot.Status.OPEN for slot in slots):
            return cls()
        during = DateTimeTZRange(at, until, "[)")
        away = Absence.objects.filter(professional=professional, withdrawn_at__isnull=True, during__overlap=during)
        busy = BusyTime.objects.filter(
            feed__professional=professional, feed__ended_at__isnull=True, during__overlap=during
        )
        return cls(list(away.values_list("place", "during")), list(busy.values_list("feed__place", "during")))

    def reason(self, slot: Slot) -> Why:
        if _touched(slot, self.absences):
            return Why.ABSENCE
        return Why.BUSY if _touched(slot, self.busy) else Why.CLOSED


def _touched(slot: Slot, periods: Iterable[tuple[int | None, DateTimeTZRange]]) -> bool:
    return any(
        place in (None, slot.place_id)
        and (during.lower is None or during.lower < slot.ends_at)
        and (during.upper is None or slot.starts_at < during.upper)
        for place, during in periods
    )


def _ahead(professional: Professional, *, at: datetime, until: datetime) -> QuerySet[Slot]:
    """Offered, or withdrawn while its rule still holds or somebody is expected in it."""
    ahead = Q(starts_at__gte=at) | Q(kind=OpeningRule.Kind.PLAGE, ends_at__gt=at)
    worth = Q(status=Slot.Status.OPEN) | Q(taken__gt=0) | Q(source="quinze", rule__ended_at__isnull=True)
    slots = Slot.objects.filter(ahead, worth, professional=professional, starts_at__lt=until)
    return slots.select_related("place", "cpts").order_by("starts_at", "pk")


def _day(
    day: date,
    lines: Sequence[SeenLine],
    away: Sequence[DateTimeTZRange],
    zone: str,
    closed: dict[date, list[str]],
) -> SeenDay:
    start, end = (local_instant(day + timedelta(days=n), time.min, zone) for n in (0, 1))
    touched = [a for a in away if (a.lower is None or a.lower < end) and (a.upper is None or a.upper > start)]
    first = touched[0] if touched else None
    return SeenDay(
        day,
        [line for line in lines if start <= line.slot.starts_at < end],
        absent_from=max(first.lower or start, start) if first else None,
        absent_until=min(first.upper or end, end) if first else None,
        closed=closed.get(day, []),
    )


def _closed(professional: Professional, days: Sequence[date]) -> dict[date, list[str]]:
    """« Mardi 14:00 à 17:00 : jour férié »."""
    rules = OpeningRule.objects.filter(
        place__professional=professional, place__is_active=True, ended_at__isnull=True, weekday__isnull=False
    )
    found: dict[date, list[str]] = {}
    for rule in rules.select_related("place__commune").order_by("starts", "pk"):
        holidays = public_holidays(rule.place.commune.departement_id, range(days[0].year - 1, days[-1].year + 2))
        for day in days:
            if reason := _why_closed(science_rule(rule), day, holidays=holidays):
                found.setdefault(day, []).append(f"{spec_of([rule]).title} : {reason}")
    return found


def _why_closed(rule: object, day: date, *, holidays: Collection[date]) -> str:
    if not isinstance(rule, WeeklyRule) or rule.weekday != day.weekday() or rule.falls_on(day, holidays=holidays):
        return ""
    if day < rule.since or (rule.until is not None and day >= rule.until):
        return ""
    if (week_of(day) - week_of(rule.since)) % rule.every:
        return "pas cette semaine"
    if day in rule.except_days:
        return "date fermée par vous"
    return "pont" if is_bridge(day, holidays=holidays) and not rule.on_bridges else "jour férié"
