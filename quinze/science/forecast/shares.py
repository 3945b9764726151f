"""How the calls of an hour fall in its quarters, and between levels: shares that start from a plain guess and are
moved by what was counted (a Dirichlet prior worth PRIOR_CALLS calls).
"""

from collections.abc import Mapping

import numpy as np

from quinze.science.forecast.calendars import Days
from quinze.science.forecast.errors import Unusable
from quinze.science.forecast.series import Floats, Series

PRIOR_CALLS = 200.0
QUARTERS = 4
HALF_LIFE_DAYS = 182.0  # how fast an old split between levels is forgotten
SATURDAY, SUNDAY = 5, 6
KINDS_OF_DAYS = 3  # working day, Saturday, Sunday or public holiday


def kinds(days: Days) -> Floats:
    """One-hot, (days, 3)."""
    rest = days.public | (days.weekday == SUNDAY)
    saturday = (days.weekday == SATURDAY) & ~rest
    return np.column_stack([~rest & ~saturday, saturday, rest]).astype(float)


def quarters_between_hours(hourly: Floats) -> Floats:
    """(…, 24) rates → (…, 24, 4) shares: a straight line from the middle of an hour to the middle of the next."""
    middles, wanted = np.arange(-1, 25) + 0.5, np.arange(24 * QUARTERS) / QUARTERS + 1 / (2 * QUARTERS)
    ring = np.concatenate([hourly[..., -1:], hourly, hourly[..., :1]], axis=-1)
    rows = np.array([np.interp(wanted, middles, row) for row in ring.reshape(-1, 26)])
    rates = rows.reshape(*hourly.shape, QUARTERS)
    return np.asarray(rates / rates.sum(axis=-1, keepdims=True))


def quarter_shares(series: Series, days: Days, profile: Floats) -> Floats:
    """(3 kinds of days, 24, 4). `profile`: mean rate of each hour, (3, 24). What is finer than the data comes from the
    line between hours.
    """
    guess = quarters_between_hours(profile)
    slots = 60 // series.step
    if slots == 1:
        return guess
    whole = series.exposure.reshape(series.days, 24, slots).min(axis=2, keepdims=True) > 0
    counts = np.einsum("dk,dhs->khs", kinds(days), series.counts.reshape(series.days, 24, slots) * whole)
    grouped = guess.reshape(KINDS_OF_DAYS, 24, slots, QUARTERS // slots)
    expected = grouped.sum(axis=-1)
    learnt = (counts + PRIOR_CALLS * expected) / (counts.sum(axis=-1, keepdims=True) + PRIOR_CALLS)
    return np.asarray((learnt[..., None] * grouped / expected[..., None]).reshape(KINDS_OF_DAYS, 24, QUARTERS))


def level_shares(levels: Mapping[str, Series], days: Days) -> Floats:
    """(levels, 3 kinds of days, 24): the part of all calls that each level takes, summing to 1, the last half-year
    first.
    """
    age = np.arange(len(days.weekday))[::-1]
    weights = kinds(days) * (0.5 ** (age / HALF_LIFE_DAYS))[:, None]
    counts = np.stack([np.einsum("dk,dh->kh", weights, series.hourly()[0]) for series in levels.values()])
    overall = counts.sum(axis=(1, 2), keepdims=True)
    if not overall.sum():
        raise Unusable("Aucun appel dans aucun niveau. Accepté : au moins un niveau avec des appels.")
    overall = overall / overall.sum()
    of_kind = counts.sum(axis=2, keepdims=True) + PRIOR_CALLS * overall
    of_kind = of_kind / of_kind.sum(axis=0)
    shares = counts + PRIOR_CALLS * of_kind
    return np.asarray(shares / shares.sum(axis=0))
