"""What the mean number of calls of an hour may depend on.

log rate(day, hour) = f(day) · a[hour] + x(day) · b

f(day): 10 columns, each with its own 24 coefficients: every day, the 7 weekdays (a public holiday counts as a Sunday),
what a public holiday adds to a Sunday, school holidays. x(day): columns with one coefficient for the whole day: the
same kinds, bridges, the season (3 harmonics of the year), a linear trend, and regressors given by the reader (an
epidemic index). Every coefficient has a normal prior around 0 (SPREADS): it is what lets a forecast begin with two
weeks of data, and what keeps a season that was never seen from being invented.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from quinze.science.forecast.calendars import SUNDAY, Days, Place, days_of
from quinze.science.forecast.errors import Unusable
from quinze.science.forecast.series import Floats

YEAR = 365.2425
HARMONICS = 3
HOURLY_SPREADS = (10.0, *(0.25,) * 7, 0.25, 0.1)
DAILY_SPREADS = (*(0.5,) * 7, 0.3, 0.2, 0.2, *(0.1,) * 2 * HARMONICS, 0.1)
REGRESSOR_SPREAD = 0.3
MOST_REGRESSORS = 8
REFERENCE = date(2000, 1, 1)

Regressors = Mapping[str, Mapping[date, float]]


@dataclass(frozen=True)
class Design:
    """Columns for consecutive days: `hourly` (days, 10), `daily` (days, 17 + regressors), and prior precisions."""

    hourly: Floats
    daily: Floats
    hourly_precision: Floats
    daily_precision: Floats

    @cached_property
    def products(self) -> tuple[Floats, Floats, Floats]:
        """f fᵀ, f xᵀ and x xᵀ of each day, flattened: the information of any weights is then one matrix product."""
        days = len(self.hourly)
        ff = np.einsum("di,dj->dij", self.hourly, self.hourly).reshape(days, -1)
        fx = np.einsum("di,dj->dij", self.hourly, self.daily).reshape(days, -1)
        xx = np.einsum("di,dj->dij", self.daily, self.daily).reshape(days, -1)
        return ff, fx, xx


@dataclass(frozen=True, slots=True)
class Scaling:
    """What the columns of the future share with those of the past: the origin of the trend, the scale of regressors."""

    origin: date
    regressors: tuple[tuple[str, float, float], ...]  # name, mean, standard deviation


def scaling(first: date, days: int, regressors: Regressors | None) -> Scaling:
    """Raises Unusable when a regressor has holes between the first and the last day."""
    given = dict(regressors or {})
    if len(given) > MOST_REGRESSORS:
        raise Unusable(f"{len(given)} variables explicatives. Accepté : {MOST_REGRESSORS} au plus.")
    dates = [first + timedelta(days=index) for index in range(days)]
    scales = []
    for name, values in given.items():
        past = np.array([_value(name, values, day) for day in dates])
        scales.append((name, float(past.mean()), float(past.std()) or 1.0))
    return Scaling(dates[-1], tuple(scales))


def _value(name: str, values: Mapping[date, float], day: date) -> float:
    value = values.get(day)
    if value is None or not math.isfinite(value):
        raise Unusable(f"« {name} » n’a pas de valeur pour le {day:%d/%m/%Y}. Accepté : un nombre pour chaque jour.")
    return value


def design(place: Place, first: date, days: int, *, scaling: Scaling, regressors: Regressors | None = None) -> Design:
    kinds = days_of(place, first, days)
    hourly = _hourly(kinds)
    given = [_regressor(scale, dict(regressors or {}), first, days) for scale in scaling.regressors]
    daily = np.column_stack([hourly[:, 1:], kinds.bridge, _season(kinds), _years(kinds, scaling.origin), *given])
    spreads = (*DAILY_SPREADS, *(REGRESSOR_SPREAD for _ in given))
    return Design(hourly, daily, np.array(HOURLY_SPREADS) ** -2, np.array(spreads) ** -2)


def _hourly(kinds: Days) -> Floats:
    like = np.where(kinds.public, SUNDAY, kinds.weekday)
    return np.column_stack([np.ones(len(like)), like[:, None] == np.arange(7), kinds.public, kinds.school]).astype(
        float
    )


def _season(kinds: Days) -> Floats:
    start = (kinds.first - REFERENCE).days
    angles = 2 * np.pi * (start + np.arange(len(kinds.weekday))) / YEAR
    waves: Sequence[Floats] = [wave(rank * angles) for rank in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)]
    return np.column_stack(list(waves))


def _years(kinds: Days, origin: date) -> Floats:
    days: Floats = (kinds.first - origin).days + np.arange(len(kinds.weekday), dtype=np.float64)
    return days / YEAR


def _regressor(scale: tuple[str, float, float], given: Regressors, first: date, days: int) -> Floats:
    name, mean, deviation = scale
    values = [_value(name, given.get(name, {}), first + timedelta(days=index)) for index in range(days)]
    return (np.array(values) - mean) / deviation
