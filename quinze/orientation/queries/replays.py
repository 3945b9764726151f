"""A past month of requests under another charter: who was called, who the charter of then said, who this one says."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import tee

from django.db import connection, transaction
from django.db.models import Sum

from quinze.accounts.models import Sas
from quinze.orientation.models import Booking, OfferedDay, OrientationRequest, RankingChoice, RankingLog
from quinze.orientation.queries.bookings import NEVER_GIVEN
from quinze.orientation.queries.logs import gathered_from
from quinze.science.charter import Charter
from quinze.science.equity import gini, median
from quinze.science.replay import Call, Case, actual, replayed

CHUNK = 20
Step = Callable[[int, int], None]


@contextmanager
def nothing_written() -> Iterator[None]:
    """PostgreSQL itself refuses any write inside."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


@dataclass(frozen=True, slots=True)
class Row:
    """One request. `called` is what really happened, `before` and `after` are what each charter says first."""

    case_number: str
    at: datetime
    called: Call | None
    before: Call | None
    after: Call | None

    @property
    def changed(self) -> bool:
        return (self.before.person if self.before else "") != (self.after.person if self.after else "")


@dataclass(frozen=True, slots=True)
class Side:
    """The figures of one way of calling. Travel in minutes, delay from the search to the seat in minutes."""

    served: int
    gini: float | None
    travel: float | None
    delay: float | None
    levels: tuple[tuple[str, int], ...]
    people: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody whose number of calls changes."""

    label: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Replay:
    rows: tuple[Row, ...]
    unranked: int  # requests of the period that no search was made for
    called: Side
    before: Side
    after: Side
    moved: tuple[Moved, ...]

    @property
    def changed(self) -> int:
        return sum(row.changed for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Ranked:
    log: int
    request: int
    case_number: str
    called: str
    slot: str


def replay(
    *, sas: Sas, charter: Charter, days: int, at: datetime, most: int | None = None, step: Step | None = None
) -> Replay:
    """The requests of the last `days`, in the order of their rankings; the latest `most` of them when it is given.

    Reads only. The same database, charter, days and instant give the same answer. `step(done, total)` tells progress.
    """
    since = at - timedelta(days=days)
    requests = OrientationRequest.objects.filter(sas=sas, requested_at__gte=since, requested_at__lte=at)
    ranked = _ranked(sas, since, at)
    unranked = requests.count() - len(ranked)
    kept = ranked[-most:] if most else ranked
    rows = tuple(_rows(kept, charter, step))
    hours = _hours(sas, since, at)
    return Replay(
        rows=rows,
        unranked=unranked,
        called=_side([row.called for row in rows], hours),
        before=_side([row.before for row in rows], hours),
        after=_side([row.after for row in rows], hours),
        moved=tuple(_moved(rows)),
    )


def _ranked(sas: Sas, since: datetime, at: datetime) -> list[_Ranked]:
    """For each request the ranking in which somebody was chosen, else the last one; in the order of rankings."""
    period = {"request__sas": sas, "request__requested_at__gte": since, "request__requested_at__lte": at}
    logs = RankingLog.objects.filter(**period, at__lte=at).order_by("at", "pk")
    chosen = dict(
        RankingChoice.objects.filter(ranking__in=logs.values("pk"), at__lte=at)
        .order_by("at", "pk")
        .values_list("ranking", "candidate")
    )
    given = _given(sas, since, at)
    best: dict[int, _Ranked] = {}
    for log, request, case_number in logs.values_list("pk", "request", "request__case_number"):
        if log in chosen or request not in best or not best[request].called:
            candidate, slot = given.get(request, ("", ""))
            best[request] = _Ranked(log, request, case_number, chosen.get(log, candidate), slot)
    return sorted(best.values(), key=lambda one: one.log)


def _given(sas: Sas, since: datetime, at: datetime) -> dict[int, tuple[str, str]]:
    """Request → candidate and slot of the appointment that was given, the last one."""
    bookings = Booking.objects.filter(sas=sas, request__requested_at__gte=since, request__requested_at__lte=at)
    rows = bookings.exclude(status__in=NEVER_GIVEN).order_by("pk")
    found = {}
    for request, professional, structure, place, slot in rows.values_list(
        "request", "professional", "structure", "place", "slot"
    ):
        owner = f"p{professional}" if professional else f"s{structure}"
        found[request] = (f"{owner}@{place}", str(slot or ""))
    return found


def _rows(ranked: list[_Ranked], charter: Charter, step: Step | None) -> Iterator[Row]:
    history, then, now = tee(_cases(ranked, step), 3)
    pairs = zip(ranked, history, replayed(then), replayed(now, charter=charter), strict=True)
    for one, case, before, after in pairs:
        yield Row(one.case_number, case.inputs.at, actual(case), before, after)


def _cases(ranked: list[_Ranked], step: Step | None) -> Iterator[Case]:
    """Logs are megabytes once read: a few at a time."""
    for start in range(0, len(ranked), CHUNK):
        some = ranked[start : start + CHUNK]
        logs = RankingLog.objects.defer("output").in_bulk([one.log for one in some])
        for number, one in enumerate(some, start=start + 1):
            yield Case(str(one.request), gathered_from(logs[one.log]).inputs, one.called, one.slot)
            if step is not None:
                step(number, len(ranked))


def _hours(sas: Sas, since: datetime, at: datetime) -> dict[str, float]:
    days = OfferedDay.objects.filter(sas=sas, day__gte=since.date(), day__lte=at.date())
    rows = days.values_list("professional").annotate(minutes=Sum("minutes")).order_by()
    return {f"p{professional}": minutes / 60 for professional, minutes in rows}


def _side(calls: list[Call | None], hours: dict[str, float]) -> Side:
    """Equity among professionals only: a structure opens no hours of its own."""
    made = [call for call in calls if call is not None]
    times = Counter(call.person for call in made if call.person.startswith("p"))
    levels = Counter((call.level, call.level_name) for call in made)
    return Side(
        served=len(made),
        gini=gini((hours.get(person, 0.0), float(times[person])) for person in hours.keys() | times.keys()),
        travel=median(call.travel for call in made if call.travel is not None),
        delay=median(call.delay for call in made if call.delay is not None),
        levels=tuple((f"{number}. {name}", count) for (number, name), count in sorted(levels.items()) if number),
        people=len({call.person for call in made}),
    )


def _moved(rows: tuple[Row, ...]) -> Iterator[Moved]:
    """The largest changes first, then by name."""
    labels = {call.person: call.label for row in rows for call in (row.before, row.after) if call}
    before = Counter(row.before.person for row in rows if row.before)
    after = Counter(row.after.person for row in rows if row.after)
    changed = [person for person in labels if before[person] != after[person]]
    for person in sorted(changed, key=lambda one: (-abs(after[one] - before[one]), labels[one], one)):
        yield Moved(labels[person], before[person], after[person])
