"""A doctor's week as a grid: one row for half an hour, one column for a day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from quinze.accounts.models import Sas
from quinze.availability.limits import words
from quinze.availability.models import Absence, Audience, OpeningRule, Slot
from quinze.availability.plan import HORIZON_DAYS, wanted
from quinze.availability.queries.offer import offer_of, participation_of, shown_to_sas
from quinze.base.periods import local_instant
from quinze.directory.models import Professional

FIRST_ROW, LAST_ROW = 16, 38  # 8:00 to 19:00, in half-hours; wider when something lies outside
CSS = {Audience.SNP: "sas", Audience.CPTS: "cpts", Audience.PRO: "mix", Audience.PUBLIC: "pub", Audience.OWN: "mix"}


@dataclass(slots=True)
class Block:
    """One run of a day: an opening, an absence, or a patient outside every opening."""

    start: datetime  # local
    end: datetime
    css: str
    title: str
    lines: list[str] = field(default_factory=list)
    slot_ids: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # filled by who may show them
    rule_id: int | None = None  # that can still be changed on this day

    @property
    def hours(self) -> str:
        return f"{self.start:%H:%M} à {self.end:%H:%M}"


@dataclass(slots=True)
class Cell:
    blocks: list[Block]
    first: int
    last: int  # excluded

    @property
    def rows(self) -> int:
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    on_the_hour: bool
    cells: list[Cell | None]  # what begins here, or an empty half-hour; covered half-hours are left out


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    days: list[date]
    blocks: list[Block]
    zone: str

    @property
    def previous(self) -> date:
        return self.monday - timedelta(days=7)

    @property
    def following(self) -> date:
        return self.monday + timedelta(days=7)

    @property
    def by_day(self) -> list[tuple[date, list[Block]]]:
        """The same week as a list, for a phone and for who reads no table."""
        ordered = sorted(self.blocks, key=lambda block: (block.start, block.end))
        return [(day, [block for block in ordered if block.start.date() == day]) for day in self.days]

    @property
    def rows(self) -> list[Row]:
        return grid(self.blocks, days=self.days)


def week(professional: Professional, *, monday: date, zone: str, at: datetime) -> Week:
    start, end = _bounds(monday, zone)
    slots = _slots(professional, start, end)
    blocks = _openings(slots, zone) + _planned(professional, monday, zone, at=at, known=slots)
    blocks += _away(professional, start, end, slots=slots, zone=zone)
    sunday = any(block.start.weekday() == 6 for block in blocks)
    return Week(monday, [monday + timedelta(days=n) for n in range(7 if sunday else 6)], _visible(blocks), zone)


def open_hours(professional: Professional, *, monday: date, sas: Sas, at: datetime) -> float:
    """Offered to the SAS in that week, given or not: the two hours of the agreement are counted on it."""
    start, end = _bounds(monday, sas.zone)
    seen = shown_to_sas(participation_of(professional, sas=sas, at=at))
    slots = Slot.objects.filter(seen, professional=professional, starts_at__gte=start, starts_at__lt=end)
    counted = slots.filter(Q(status=Slot.Status.OPEN) | Q(taken__gt=0)).values_list("starts_at", "ends_at")
    return sum((end - start).total_seconds() for start, end in counted) / 3600


def grid(blocks: Sequence[Block], *, days: Sequence[date]) -> list[Row]:
    """Blocks that meet in one half-hour share a cell, so that every row has one cell a day."""
    columns = [_cells([block for block in blocks if block.start.date() == day]) for day in days]
    cells = [cell for column in columns for cell in column]
    first = min([FIRST_ROW, *(cell.first for cell in cells)])
    last = max([LAST_ROW, *(cell.last for cell in cells)])
    return [_row(index, columns) for index in range(first, last)]


def _row(index: int, columns: Sequence[Sequence[Cell]]) -> Row:
    found: list[Cell | None] = []
    for column in columns:
        here = next((cell for cell in column if cell.first <= index < cell.last), None)
        if here is None or here.first == index:
            found.append(here)
    hour, half = divmod(index, 2)
    return Row(f"{hour} h 30" if half else f"{hour} h", on_the_hour=not half, cells=found)


def _cells(blocks: Iterable[Block]) -> list[Cell]:
    cells: list[Cell] = []
    for block in sorted(blocks, key=lambda b: (b.start, b.end)):
        first, last = _rows_of(block)
        if cells and first < cells[-1].last:
            cells[-1].blocks.append(block)
            cells[-1].last = max(cells[-1].last, last)
        else:
            cells.append(Cell([block], first, last))
    return cells


def _rows_of(block: Block) -> tuple[int, int]:
    first = block.start.hour * 2 + block.start.minute // 30
    if block.end.date() > block.start.date():
        return first, 48
    return first, max(first + 1, block.end.hour * 2 + -(-block.end.minute // 30))


def _bounds(monday: date, zone: str) -> tuple[datetime, datetime]:
    return local_instant(monday, time.min, zone), local_instant(monday + timedelta(days=7), time.min, zone)


def _slots(professional: Professional, start: datetime, end: datetime) -> list[Slot]:
    slots = Slot.objects.filter(professional=professional, starts_at__gte=start, starts_at__lt=end)
    return list(slots.select_related("cpts", "place").order_by("starts_at", "pk"))


def _openings(slots: Sequence[Slot], zone: str) -> list[Block]:
    """Slots of one rule and day make one block; a withdrawn one shows only while somebody is expected in it."""
    runs: dict[tuple[object, ...], list[Slot]] = defaultdict(list)
    for slot in slots:
        if slot.status == Slot.Status.OPEN or slot.taken:
            offered = slot.status == Slot.Status.OPEN
            runs[offered, slot.rule_id, slot.audience, slot.place_id, _local(slot.starts_at, zone).date()].append(slot)
    return [_opening(run, zone) for run in runs.values()]


def _opening(run: Sequence[Slot], zone: str) -> Block:
    first = run[0]
    start, end = _local(first.starts_at, zone), _local(max(slot.ends_at for slot in run), zone)
    ids = [slot.pk for slot in run]
    seats, taken = sum(slot.capacity for slot in run), sum(slot.taken for slot in run)
    if first.status != Slot.Status.OPEN:
        return Block(start, end, "mix", "Déjà inscrit", [f"{taken} attendu{_s(taken)}"], ids)
    plage = f", plage de {seats} patients" if first.kind == OpeningRule.Kind.PLAGE else ""
    title = (
        (first.cpts.name if first.cpts else "CPTS")
        if first.audience == Audience.CPTS
        else str(Audience(first.audience).label)
    )
    free = seats - taken
    lines = [f"{free} libre{_s(free)} sur {seats}", *words(first)]
    return Block(start, end, CSS[Audience(first.audience)], title + plage, lines, ids, rule_id=first.rule_id)


def _planned(
    professional: Professional, monday: date, zone: str, *, at: datetime, known: Sequence[Slot]
) -> list[Block]:
    """Beyond the days whose slots are made: what the rules will give."""
    made_until = _local(at, zone).date() + timedelta(days=HORIZON_DAYS)
    sunday = monday + timedelta(days=6)
    if sunday < made_until:
        return []
    offer = offer_of(professional.places.values_list("pk", flat=True), at=at)
    wants, _ = wanted(offer, at=at, days=(sunday - _local(at, zone).date()).days + 1)
    taken = {(slot.place_id, slot.starts_at) for slot in known}
    runs: dict[tuple[object, ...], list[Slot]] = defaultdict(list)
    for want in wants:
        day = _local(want.start, zone).date()
        if max(monday, made_until) <= day <= sunday and want.key[:2] not in taken:
            runs[want.rule.pk, day].append(_slot_to_be(want.rule, want.start, want.end, want.capacity))
    blocks = [_opening(run, zone) for run in runs.values()]
    for block in blocks:
        block.slot_ids, block.lines = [], ["prévu"]
    return blocks


def _slot_to_be(rule: OpeningRule, start: datetime, end: datetime, capacity: int) -> Slot:
    return Slot(
        starts_at=start, ends_at=end, capacity=capacity, kind=rule.kind, audience=rule.audience, cpts_id=rule.cpts_id,
        rule_id=rule.pk,
    )  # fmt: skip


def _away(
    professional: Professional, start: datetime, end: datetime, *, slots: Sequence[Slot], zone: str
) -> list[Block]:
    during = (start, end)
    absences = Absence.objects.filter(professional=professional, withdrawn_at__isnull=True, during__overlap=during)
    return [
        block
        for absence in absences.order_by("during", "pk")
        for block in _absence_days(absence, start, end, slots=slots, zone=zone)
    ]


def _absence_days(absence: Absence, start: datetime, end: datetime, *, slots: Sequence[Slot], zone: str) -> list[Block]:
    first = _local(max(absence.during.lower or start, start), zone)
    last = _local(min(absence.during.upper or end, end), zone)
    blocks, day = [], first.date()
    while (opens := max(first, datetime.combine(day, time.min, first.tzinfo))) < last:
        closes = min(last, datetime.combine(day + timedelta(days=1), time.min, first.tzinfo))
        blocks.append(Block(opens, closes, "abs", "Absence", _lost(absence, opens, closes, slots)))
        day += timedelta(days=1)
    return blocks


def _lost(absence: Absence, opens: datetime, closes: datetime, slots: Sequence[Slot]) -> list[str]:
    inside = [slot for slot in slots if slot.starts_at < closes and opens < slot.ends_at]
    inside = [slot for slot in inside if absence.place_id in (None, slot.place_id)]
    gone = {slot.starts_at for slot in inside if slot.status == Slot.Status.WITHDRAWN and not slot.taken}
    waiting = sum(slot.taken for slot in inside)
    return list(
        filter(
            None,
            [
                absence.reason,
                f"{len(gone)} créneau{'x' if len(gone) > 1 else ''} retiré{_s(len(gone))}" if gone else "",
                f"{waiting} patient{_s(waiting)} à replacer" if waiting else "",
            ],
        )
    )


def _visible(blocks: list[Block]) -> list[Block]:
    """A whole day away is drawn over the hours of the page, not from midnight to midnight."""
    for block in blocks:
        if block.css == "abs":
            opens, closes = block.start.replace(hour=8, minute=0), block.start.replace(hour=19, minute=0)
            if block.start < opens and block.end > opens:
                block.start = opens
            if block.end > closes > block.start:
                block.end = closes
    return blocks


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def _s(count: int) -> str:
    return "s" if count > 1 else ""
