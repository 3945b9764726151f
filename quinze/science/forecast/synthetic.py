"""A series of calls that looks like a SAMU's, whose true rate is known: what a forecast is judged against.

Calls of an hour are Poisson of rate Λ(hour of week, public holiday, school holiday, season, trend) × B(day) × G(hour):
log B is an autoregressive process of order 1 (a busy day follows a busy day), G is gamma of mean 1 and shape 60. The
shapes of day, week and year are ours, of the size seen in published call volumes; nothing here is a measure of a real
SAMU.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from quinze.science.forecast.calendars import SUNDAY, Days, Place, days_of
from quinze.science.forecast.series import Floats, Series

GAMMA_SHAPE = 60.0
DAY_SD, DAY_MEMORY = 0.04, 0.6
TREND_PER_YEAR = 0.03
YEAR = 365.2425
_WEEKDAYS = (1.02, 0.96, 0.95, 0.96, 1.0, 1.14, 1.1)


@dataclass(frozen=True, slots=True)
class Synthetic:
    """`rate`: Λ, (days, 24), what a perfect reader of the calendar would forecast; `drawn`: Λ × B × G."""

    series: Series
    rate: Floats
    drawn: Floats


def samu_like(
    *, seed: int, days: int = 730, mean: float = 80.0, departement: str = "44", first: date = date(2023, 1, 2),
    step: int = 60,
) -> Synthetic:  # fmt: skip
    """`mean`: calls an hour over the whole period. Every cell is observed once: the hours that clocks add or take away
    are left to the tests of series.from_counts.
    """
    random = np.random.default_rng(seed)
    place = Place(departement)
    kinds = days_of(place, first, days)
    shape = _calendar(kinds) * _year(kinds)[:, None]
    rate = shape * (mean / shape.mean())
    busy = _busy(days, random)[:, None] * random.gamma(GAMMA_SHAPE, 1 / GAMMA_SHAPE, size=rate.shape)
    slots = 60 // step
    drawn = rate * busy
    counts = random.poisson(np.repeat(drawn / slots, slots, axis=1)).astype(float)
    return Synthetic(Series(place, first, step, counts, np.ones_like(counts)), rate, drawn)


def _calendar(kinds: Days) -> Floats:
    like = np.where(kinds.public, SUNDAY, kinds.weekday)
    rest = like >= SUNDAY - 1
    day = np.where(rest[:, None], _hours(11.0, 18.5, dip=0.2), _hours(10.0, 19.5, dip=0.4))
    weekday = np.array(_WEEKDAYS)[like]
    holiday = np.where(kinds.public, 1.06, 1.0) * np.where(kinds.bridge, 1.08, 1.0)
    late = 1 + 0.05 * np.sin(2 * np.pi * np.arange(24) / 24)
    school = np.where(kinds.school[:, None], 0.95 * late, 1.0)
    return np.asarray(day * (weekday * holiday)[:, None] * school)


def _hours(morning: float, evening: float, *, dip: float) -> Floats:
    """Two bumps on a low night."""
    hours = np.arange(24) + 0.5
    bumps = np.exp(-(((hours - morning) / 2.6) ** 2)) + 1.1 * np.exp(-(((hours - evening) / 3.0) ** 2))
    afternoon = np.exp(-(((hours - 15) / 5.0) ** 2))
    return np.asarray(0.28 + bumps + (0.7 - dip) * afternoon)


def _year(kinds: Days) -> Floats:
    """Winter viruses, a small summer bump, growth."""
    day = (kinds.first - date(2000, 1, 1)).days + np.arange(len(kinds.weekday))
    angle = 2 * np.pi * day / YEAR
    season = 1 + 0.06 * np.cos(angle - 0.3) + 0.03 * np.cos(2 * angle - 0.5)
    return np.asarray(season * np.exp(TREND_PER_YEAR * (day - day[0]) / YEAR))


def _busy(days: int, random: np.random.Generator) -> Floats:
    """Mean 1."""
    shocks = random.normal(0.0, DAY_SD * np.sqrt(1 - DAY_MEMORY**2), size=days)
    level = random.normal(0.0, DAY_SD)
    levels = np.empty(days)
    for day in range(days):
        level = DAY_MEMORY * level + shocks[day]
        levels[day] = level
    return np.asarray(np.exp(levels - DAY_SD**2 / 2))
