"""One day of a SAS by quarter-hour: who is planned, which calls are expected. Six hours of the next day follow."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from quinze.accounts.models import Sas
from quinze.base.periods import period
from quinze.staffing.drill import SLOTS
from quinze.staffing.drill_inputs import Day
from quinze.staffing.models import CallForecast, RosterAssignment, StaffMember
from quinze.staffing.queries.planning import latest_forecast
from quinze.staffing.rostering import ONE_DAY


def day_of(sas: Sas, day: date) -> Day:
    """Three questions, whatever the day holds."""
    starts = _starts(day, sas.zone)
    forecast = latest_forecast(sas)
    return Day(f"{day:%d/%m/%Y}", _people(sas, starts), _calls(forecast, starts) if forecast else ())


def _starts(day: date, zone: str) -> list[datetime]:
    """By the clock on the wall: an hour that clocks skip is that after it, an hour they repeat is there once."""
    local = ZoneInfo(zone)
    quarters = (divmod(15 * slot, 24 * 60) for slot in range(SLOTS))
    return [
        datetime.combine(day + days * ONE_DAY, time(minute // 60, minute % 60), local).astimezone(UTC)
        for days, minute in quarters
    ]


def _people(sas: Sas, starts: Sequence[datetime]) -> dict[str, tuple[int, ...]]:
    """On a shift of the SAS at each of these instants, by role; trainees are there in addition, so not counted."""
    trainees = set(StaffMember.objects.filter(sas=sas, trainee=True).values_list("user", flat=True))
    near = period(starts[0], starts[-1] + timedelta(minutes=15))
    planned = RosterAssignment.objects.filter(shift__sas=sas, during__overlap=near)
    found = defaultdict[str, list[int]](lambda: [0] * len(starts))
    for user, role, during in planned.values_list("user", "shift__role", "during"):
        if user not in trainees:
            found[role] = [
                count + (during.lower <= start < during.upper) for count, start in zip(found[role], starts, strict=True)
            ]
    return {role: tuple(counts) for role, counts in found.items()}


def _calls(forecast: CallForecast, starts: Sequence[datetime]) -> tuple[float, ...]:
    """Those expected in each quarter-hour; none unless the forecast has the whole day."""
    given = zip(forecast.content["starts"], forecast.content["mean"], strict=True)
    means = {datetime.fromisoformat(start).astimezone(UTC): mean for start, mean in given}
    if any(start not in means for start in starts[:96]):
        return ()
    first_day = [means[start] for start in starts[:96]]
    return tuple(means.get(start, first_day[slot % 96]) for slot, start in enumerate(starts))
