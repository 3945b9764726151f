"""What one doctor gives to the SAS and receives from it: each figure of a month, week by week."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from quinze.accounts.models import Sas
from quinze.availability.models import Slot
from quinze.availability.opening import duration
from quinze.availability.queries import seen_audiences, shown_to_sas
from quinze.base.periods import local_instant
from quinze.directory.models import Participation, Professional
from quinze.orientation.models import Booking, Dispute, OrientationRequest, Tallied
from quinze.orientation.queries.bookings import agenda_of
from quinze.orientation.queries.solicited import WEEK, Window, asked, shown_by_week
from quinze.orientation.snp_rules import Act, AnnualSum, Evidence, Rule, annual_sum, not_counted, rule

Status, Figure = Booking.Status, Dispute.Figure
BY_ORGANISATION = (Participation.Via.CPTS, Participation.Via.MSP, Participation.Via.SOS)


@dataclass(slots=True)
class Given:
    """One week of give and take, or the sum of several. `booked` counts all that was given, cancelled included."""

    monday: date
    minutes: int = 0
    shown: int = 0
    chosen: int = 0
    booked: int = 0
    seen: int = 0
    no_show: int = 0
    cancelled: int = 0
    snp: int = 0

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def hours(self) -> str:
        return duration(self.minutes / 60)

    def figure(self, name: str) -> str:
        """As the page shows it."""
        return self.hours if name == Figure.HOURS else str(getattr(self, name))


@dataclass(frozen=True, slots=True)
class Giving:
    month: date  # its first day
    weeks: tuple[Given, ...]
    total: Given
    cap: Rule | None
    hours_due: Rule | None
    enough: int  # weeks with the hours due
    annual: AnnualSum | None
    not_snp: tuple[tuple[str, int], ...]
    """Appointments of the month whose patient came and that are not counted, by reason."""
    absences: tuple[tuple[str, int], ...]
    """No-shows of the month by cause: only "patient absent" says anything of the patient."""
    counted_at: datetime | None

    today: date

    @property
    def last_day(self) -> date:
        return self.weeks[-1].sunday

    @property
    def in_order(self) -> list[Given]:
        """This week first, then those before it; those to come last."""
        begun = [week for week in self.weeks if week.monday <= self.today]
        return [*reversed(begun), *(week for week in self.weeks if week.monday > self.today)]

    def shown(self, figure: str, monday: date | None) -> str:
        """What the page says of one figure, of one week or of the month."""
        if figure == Figure.ANNUAL:
            return "" if self.annual is None else "réunies" if self.annual.met else "non réunies"
        week = next((week for week in self.weeks if week.monday == monday), self.total)
        return week.figure(figure)


def giving(professional: Professional, *, sas: Sas, month: date, at: datetime) -> Giving:
    """The weeks whose Monday is in that month. Figures of the future are what is promised: open hours, bookings."""
    mondays = _mondays(month)
    window = Window(sas, mondays[0], len(mondays), at)
    weeks = {monday: Given(monday) for monday in mondays}
    parts = list(Participation.objects.filter(sas=sas, professional=professional).select_related("via_structure"))
    for monday, minutes in _open_minutes(professional, parts, window).items():
        weeks[monday].minutes = minutes
    for monday, times in shown_by_week(window, professional=professional.pk).items():
        weeks[monday].shown = times
    for (_, monday), solicited in asked(window, professional=professional.pk, ahead=True).items():
        weeks[monday].chosen = solicited.times
    not_snp, absences = _fill_bookings(professional, weeks, window)
    today = at.astimezone(ZoneInfo(sas.zone)).date()
    last = min(today, _month_end(month))
    due = rule("weekly_hours", last)
    tallied = Tallied.objects.filter(sas=sas).first()
    lines = tuple(weeks.values())
    return Giving(
        month=month,
        weeks=lines,
        total=_sum(lines),
        cap=rule("weekly_cap", last),
        hours_due=due,
        enough=sum(1 for week in lines if due is not None and week.minutes >= due.number * 60),
        annual=annual_sum(_evidence(professional, parts, sas=sas, on=last), last),
        not_snp=tuple(not_snp.most_common()),
        absences=tuple(absences.most_common()),
        counted_at=tallied.at if tallied else None,
        today=today,
    )


def _mondays(month: date) -> list[date]:
    first = month + timedelta(days=-month.weekday() % 7)
    return [day for n in range(5) if (day := first + WEEK * n).month == month.month]


def _month_end(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _open_minutes(professional: Professional, parts: list[Participation], window: Window) -> Counter[date]:
    """As the SAS sees them, on the terms in force at each slot's hour; overlapping slots are one time."""
    zone = window.sas.zone
    slots = Slot.objects.filter(
        professional=professional,
        starts_at__gte=window.since,
        starts_at__lt=local_instant(window.end, time.min, zone),
    )
    offered = slots.filter(status=Slot.Status.OPEN) | slots.filter(taken__gt=0)
    counted: Counter[date] = Counter()
    until = window.since
    for starts, ends, audience, sas_sees in offered.order_by("starts_at", "ends_at").values_list(
        "starts_at", "ends_at", "audience", "sas_sees"
    ):
        seen = seen_audiences(_part_at(parts, starts))
        if not (seen and (audience in seen if sas_sees is None else sas_sees)):
            continue
        if ends > until:
            counted[_monday(starts.astimezone(ZoneInfo(zone)).date())] += round(
                (ends - max(starts, until)).total_seconds() / 60
            )
            until = ends
    return counted


def _part_at(parts: Iterable[Participation], instant: datetime) -> Participation | None:
    return next((part for part in parts if instant in part.during), None)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _fill_bookings(
    professional: Professional, weeks: dict[date, Given], window: Window
) -> tuple[Counter[str], Counter[str]]:
    """Fills the weeks; says why some who came are not SNP acts, and why some did not come."""
    zone = ZoneInfo(window.sas.zone)
    end = local_instant(window.end, time.min, window.sas.zone)
    refused: Counter[str] = Counter()
    absences: Counter[str] = Counter()
    mine = agenda_of(professional=professional, start=window.since, end=end).filter(sas=window.sas)
    for booking in mine.exclude(status=Status.MOVED):
        day = booking.starts_at.astimezone(zone).date()
        week = weeks[_monday(day)]
        week.booked += 1
        week.seen += booking.status == Status.FULFILLED
        week.no_show += booking.status == Status.NO_SHOW
        week.cancelled += booking.status == Status.CANCELLED
        why = not_counted(_act(booking, professional), day)
        week.snp += not why
        if why and booking.status == Status.FULFILLED:
            refused[why] += 1
        if booking.status == Status.NO_SHOW:
            absences[booking.get_no_show_cause_display() or "cause inconnue"] += 1
    return refused, absences


def _act(booking: Booking, professional: Professional) -> Act:
    return Act(
        profession=professional.profession,
        specialty=professional.specialty,
        came=booking.status == Status.FULFILLED,
        starts_at=booking.starts_at,
        asked_at=booking.request.requested_at,
        own_patient=booking.patient.referring_doctor_id == professional.pk,
    )


def _sum(weeks: Iterable[Given]) -> Given:
    total: Given | None = None
    for week in weeks:
        total = total or Given(week.monday)
        for name in ("minutes", "shown", "chosen", "booked", "seen", "no_show", "cancelled", "snp"):
            setattr(total, name, getattr(total, name) + getattr(week, name))
    assert total is not None  # noqa: S101  (a month has four Mondays)
    return total


def _evidence(professional: Professional, parts: list[Participation], *, sas: Sas, on: date) -> Evidence:
    """Read from January 1st to that day, in what Quinze holds: nothing is declared on honour."""
    start = local_instant(date(on.year, 1, 1), time.min, sas.zone)
    end = local_instant(on + timedelta(days=1), time.min, sas.zone)
    year = OrientationRequest.objects.filter(sas=sas, requested_at__gte=start, requested_at__lt=end)
    worked = year.exists()
    part = next((part for part in reversed(parts) if _overlaps(part, start, end)), None)
    seen = _visible_slot(professional, part, start=start, end=end)
    organised = part is not None and part.via in BY_ORGANISATION
    return Evidence(
        operational=worked,
        operational_words=f"{sas} a adressé des patients en {on.year}"
        if worked
        else f"aucune demande orientée par {sas} en {on.year}",
        registered=part is not None,
        registered_words=f"inscrit {part.get_via_display()}, depuis le {_since(part, sas)}"
        if part is not None
        else f"aucune participation en {on.year}",
        visible=seen or organised,
        visible_words=_visible_words(part, seen=seen, organised=organised, year=on.year),
    )


def _overlaps(part: Participation, start: datetime, end: datetime) -> bool:
    lower, upper = part.during.lower, part.during.upper
    return (lower is None or lower < end) and (upper is None or upper > start)


def _since(part: Participation, sas: Sas) -> str:
    return f"{part.during.lower.astimezone(ZoneInfo(sas.zone)):%d/%m/%Y}" if part.during.lower else "début"


def _visible_slot(professional: Professional, part: Participation | None, *, start: datetime, end: datetime) -> bool:
    mine = Slot.objects.filter(professional=professional, starts_at__gte=start, starts_at__lt=end)
    return mine.filter(shown_to_sas(part), status=Slot.Status.OPEN).exists()


def _visible_words(part: Participation | None, *, seen: bool, organised: bool, year: int) -> str:
    if seen:
        return f"des créneaux ont été visibles du SAS en {year}"
    if organised and part is not None:
        return f"organisation territoriale : {part.via_structure or part.get_via_display()}"
    return f"aucun créneau visible du SAS en {year}"


def month_of(text: str, *, today: date) -> date:
    """« 2026-11 », between two years ago and the month of this week's Monday; anything else is that month."""
    this = _monday(today).replace(day=1)
    try:
        asked_for = date.fromisoformat(f"{text}-01")
    except ValueError:
        return this
    return min(this, max(asked_for, this.replace(year=this.year - 2)))
