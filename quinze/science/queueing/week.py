"""Posts by quarter-hour over a week: what shifts must cover.

A typical day of hourly calls becomes quarter-hours on straight lines between the middles of hours, each hour keeping
its calls; or the calls of each quarter-hour are given, by a forecast. Each line is then solved at every quarter-hour on
its modified offered load, the week going round.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from quinze.science.queueing.bounds import Unacceptable, check
from quinze.science.queueing.capacity import ONE_DAY_IN_TEN, Line, Study, plan
from quinze.science.queueing.offered_load import loads
from quinze.science.queueing.staffing import posts

QUARTER_S, QUARTERS_OF_HOUR, QUARTERS_OF_DAY, DAYS = 900, 4, 96, 7
SAME_DAYS = (1.0,) * DAYS


@dataclass(frozen=True, slots=True)
class WeekNeed:
    """`posts` and `calls` (per hour, of this line) by quarter-hour, from Monday 0 h."""

    line: Line
    posts: tuple[int, ...]
    calls: tuple[float, ...]


def rates_of_week(study: Study, *, by_day: Sequence[float] = SAME_DAYS, busy: bool = False) -> tuple[float, ...]:
    """Calls per hour of each of the 672 quarter-hours. `by_day`: proportions from Monday to Sunday, of any unit;
    `busy`: of days exceeded one in ten.
    """
    if len(by_day) != DAYS:
        raise Unacceptable("Jours de la semaine", len(by_day), "7 valeurs, du lundi au dimanche")
    for part in by_day:
        check(calls_per_hour=part)
    if math.fsum(by_day) <= 0:
        raise Unacceptable("Jours de la semaine", 0, "au moins un jour avec des appels")
    more = 1 + ONE_DAY_IN_TEN * study.daily_spread * busy
    factors = [more * DAYS * part / math.fsum(by_day) for part in by_day]
    return _quarters([rate * factor for factor in factors for rate in study.calls_by_hour])


def _quarters(hourly: Sequence[float]) -> tuple[float, ...]:
    found: list[float] = []
    for at, rate in enumerate(hourly):
        before, after = hourly[at - 1], hourly[(at + 1) % len(hourly)]
        near = [rate + (other - rate) * weight for other, weight in _near(before, after)]
        mean = math.fsum(near) / QUARTERS_OF_HOUR
        found += [value * rate / mean if mean else 0.0 for value in near]
    return tuple(found)


def _near(before: float, after: float) -> tuple[tuple[float, float], ...]:
    """Middles of quarters lie 3/8 and 1/8 of an hour from that of their hour."""
    return (before, 3 / 8), (before, 1 / 8), (after, 1 / 8), (after, 3 / 8)


def needs_of_week(study: Study, rates: Sequence[float]) -> tuple[WeekNeed, ...]:
    """`rates`: calls presented per hour of each quarter-hour, whole days. Durations, shares, targets are those of the
    study; what level 1 holds is that of its busiest hour. Raises Unacceptable.
    """
    if not rates or len(rates) % QUARTERS_OF_DAY:
        raise Unacceptable("Quarts d’heure de la période", len(rates), "des jours entiers, 96 par jour")
    return tuple(_need(need.line, rates) for need in plan(study))


def _need(line: Line, rates: Sequence[float]) -> WeekNeed:
    calls = tuple(line.share * rate for rate in rates)
    busy = loads(calls, slot_s=QUARTER_S, handling_s=line.handling_s)
    return WeekNeed(line, tuple(_posts(line, load, rate) for load, rate in zip(busy, calls, strict=True)), calls)


def _posts(line: Line, load: float, calls: float) -> int:
    """A line without any call of its own in a quarter-hour is closed, as in the study of a day."""
    return posts(3600 * load / line.handling_s, handling_s=line.handling_s, goal=line.goal) if calls else 0
