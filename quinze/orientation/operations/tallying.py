"""What each participant gave and was asked, day by day, counted behind the searches from what they logged."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max

from quinze.accounts.models import Sas
from quinze.base.periods import local_instant
from quinze.orientation.models import OfferedDay, RankingChoice, RankingLog, Tallied
from quinze.orientation.queries.logs import WITHOUT_OFFER, output_of_everyone
from quinze.orientation.queries.looking import SHOWN_PER_LEVEL
from quinze.science.ranking import LevelState, Reason

OFFERED = (Path(__file__).parent / "offered_days.sql").read_text(encoding="utf-8")
KEPT = timedelta(days=92)  # counted back the first time
SETTLED = timedelta(minutes=30)  # a choice has come by then; a ranking is counted once, with it
BATCH, MOST = 100, 2000
CHOSEN, PASSED_OVER, PROPOSED, FURTHER, WAITING = "chosen", "passed_over", "proposed", "further", "waiting"
ORDER = {outcome: place for place, outcome in enumerate([*Reason, WAITING, FURTHER, PROPOSED, PASSED_OVER, CHOSEN])}
ADD = """
    INSERT INTO orientation_searchedday (sas_id, day, professional_id, outcome, level, chosen_level, times)
    SELECT %s, counted.day, counted.professional, counted.outcome, counted.level, counted.chosen_level, counted.times
    FROM unnest(%s::date[], %s::bigint[], %s::text[], %s::int[], %s::int[], %s::int[])
        AS counted(day, professional, outcome, level, chosen_level, times)
    JOIN directory_professional ON directory_professional.id = counted.professional
    ON CONFLICT (sas_id, day, professional_id, outcome, level, chosen_level)
        DO UPDATE SET times = orientation_searchedday.times + excluded.times
"""


@dataclass(frozen=True, slots=True)
class Met:
    """How one search met one professional."""

    outcome: str
    level: int = 0
    chosen_level: int = 0


def met(
    output: dict[str, Any], *, without_offer: list[int], chosen: str | None, shown: int = SHOWN_PER_LEVEL
) -> dict[int, Met]:
    """Each professional of a logged ranking, once, by their best place: chosen; passed over (someone placed after was
    chosen, with a written reason); proposed; further (in an open level, after those that the page shows); waiting (in a
    level not open then); else the refusal that came last in the order of the ranking's tests, which is the nearest to
    being proposed. Structures are left out.
    """
    found: dict[int, Met] = {professional: Met(Reason.NO_SEAT) for professional in without_offer}
    for refusal in output.get("refusals", ()):
        _keep(found, refusal["candidate"], Met(refusal["reason"]))
    rows = [(level, place, row) for level in output["levels"] for place, row in enumerate(level.get("proposals", ()))]
    where = next((index for index, (*_, row) in enumerate(rows) if chosen in _keys(row)), None)
    chosen_level = rows[where][0]["number"] if where is not None else 0
    for index, (level, place, row) in enumerate(rows):
        outcome = _outcome(index, where, is_open=LevelState(level["state"]).is_open)
        if place >= shown and outcome in (PROPOSED, PASSED_OVER):
            outcome = FURTHER
        for key in _keys(row):
            _keep(found, key, Met(outcome, level["number"], chosen_level))
    return found


def _outcome(index: int, where: int | None, *, is_open: bool) -> str:
    if index == where:
        return CHOSEN
    if not is_open:
        return WAITING
    return PROPOSED if where is None or index > where else PASSED_OVER


def _keys(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["candidate"], *(other["candidate"] for other in row.get("others", ())))


def _keep(found: dict[int, Met], key: str, new: Met) -> None:
    if not key.startswith("p"):
        return
    professional = int(key[1:].partition("@")[0])
    known = found.get(professional)
    if known is None or ORDER[new.outcome] > ORDER[known.outcome]:
        found[professional] = new


def tally_searches(*, sas: Sas, at: datetime) -> int:
    """Counts the rankings not counted yet, up to half an hour ago; says how many.

    Running it twice counts nothing twice: the rows and the mark of what is counted change together, under a lock.
    """
    done = 0
    while done < MOST:
        with transaction.atomic():
            counted = _tally_batch(sas, at)
        done += counted
        if counted < BATCH:
            break
    return done


def _tally_batch(sas: Sas, at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tally_searches'), %s)", [sas.pk])
    mark = Tallied.objects.filter(sas=sas).values_list("log", flat=True).first() or 0
    end = _settled_until(mark, at)
    logs = RankingLog.objects.filter(request__sas=sas, pk__gt=mark, pk__lte=end, at__gte=at - KEPT).order_by("pk")
    batch = list(logs.values_list("pk", flat=True)[:BATCH])
    if batch:
        _add(sas, _counts(sas, batch))
    reached = batch[-1] if len(batch) == BATCH else end
    Tallied.objects.update_or_create(sas=sas, defaults={"log": reached, "at": at})
    return len(batch)


def _settled_until(mark: int, at: datetime) -> int:
    """The last ranking before the first that is too recent, of any SAS, so that an idle one reads nothing twice."""
    later = RankingLog.objects.filter(pk__gt=mark).order_by("pk")
    recent = later.filter(at__gt=at - SETTLED).values_list("pk", flat=True).first()
    if recent is not None:
        return recent - 1
    return later.values_list("pk", flat=True).last() or mark


def _counts(sas: Sas, batch: list[int]) -> Counter[tuple[date, int, Met]]:
    """A ranking is megabytes once unpacked: a few at a time."""
    choices = RankingChoice.objects.filter(ranking__in=batch).order_by("pk").values_list("ranking", "candidate")
    chosen, zone = dict(choices), ZoneInfo(sas.zone)
    counts: Counter[tuple[date, int, Met]] = Counter()
    for log in RankingLog.objects.filter(pk__in=batch).iterator(chunk_size=4):
        people = met(
            output_of_everyone(log), without_offer=log.inputs.get(WITHOUT_OFFER, []), chosen=chosen.get(log.pk)
        )
        day = log.at.astimezone(zone).date()
        counts.update((day, professional, how) for professional, how in people.items())
    return counts


def _add(sas: Sas, counts: Counter[tuple[date, int, Met]]) -> None:
    rows = [
        (day, professional, how.outcome, how.level, how.chosen_level, times)
        for (day, professional, how), times in counts.items()
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(ADD, [sas.pk, *(list(column) for column in zip(*rows, strict=True))])


def count_offered_days(*, sas: Sas, at: datetime) -> int:
    """Days since the last one counted, that one and the one before included, are counted afresh; says how many rows."""
    since = local_instant(_first_day(sas, at), time.min, sas.zone)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('offered_days'), %s)", [sas.pk])
        OfferedDay.objects.filter(sas=sas, day__gte=since.date()).delete()
        cursor.execute(OFFERED, {"sas": sas.pk, "zone": sas.zone, "since": since, "at": at})
        return int(cursor.rowcount)


def _first_day(sas: Sas, at: datetime) -> date:
    today = at.astimezone(ZoneInfo(sas.zone)).date()
    last: date | None = OfferedDay.objects.filter(sas=sas, day__lte=today).aggregate(Max("day"))["day__max"]
    earliest = today - KEPT
    return earliest if last is None else max(earliest, last - timedelta(days=1))


def tally_searches_everywhere(*, at: datetime) -> int:
    return sum(tally_searches(sas=sas, at=at) for sas in Sas.objects.order_by("pk"))


def count_offered_days_everywhere(*, at: datetime) -> int:
    return sum(count_offered_days(sas=sas, at=at) for sas in Sas.objects.order_by("pk"))
