"""What anybody can do without a model: the same hour last week, and the mean of the same hour of the last weeks."""

from collections.abc import Callable

import numpy as np

from quinze.science.forecast.series import Floats

WEEK = 7
MEAN_WEEKS = 8


def seasonal_naive(counts: Floats, exposure: Floats, *, days: int) -> Floats:
    """(days, hours) after the last day of `counts`: the last week again; where it has a gap, the week before it."""
    rate = np.where(exposure > 0, counts / np.maximum(exposure, 1e-9), np.nan)
    return _repeated(rate, days, pick=_latest)


def hour_of_week_mean(counts: Floats, exposure: Floats, *, days: int, weeks: int = MEAN_WEEKS) -> Floats:
    rate = np.where(exposure > 0, counts / np.maximum(exposure, 1e-9), np.nan)
    return _repeated(rate[-weeks * WEEK :], days, pick=_mean)


def _repeated(rate: Floats, days: int, *, pick: Callable[[Floats], Floats]) -> Floats:
    overall = float(np.nanmean(rate)) if np.isfinite(rate).any() else 0.0
    rows = [pick(rate[(index % WEEK) - WEEK :: -WEEK][: len(rate)]) for index in range(days)]
    return np.nan_to_num(np.array(rows), nan=overall)


def _latest(same_days: Floats) -> Floats:
    """The newest first: the first finite value of each column."""
    found = np.isfinite(same_days)
    return np.asarray(same_days[found.argmax(axis=0), np.arange(same_days.shape[1])])


def _mean(same_days: Floats) -> Floats:
    known = np.isfinite(same_days)
    total = np.where(known, same_days, 0.0).sum(axis=0)
    return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)
