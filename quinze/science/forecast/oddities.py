"""Hours that tell of something else than the calendar: a telephone that did not ring, a storm of calls.

They are left out of what is learnt, and shown. An outage: hours without any call where at least 25 were expected in
all, or an hour below a tenth of 30 calls expected or more. A storm: beyond eight deviations of a count whose own rate
varies by 22 %.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

import numpy as np

from quinze.science.forecast.series import Floats

SILENCE, FAINT, FAINT_FROM = 25.0, 0.1, 30.0
STORM, VARYING = 8.0, 0.05


@dataclass(frozen=True, slots=True)
class Oddity:
    """`index`: hours since the first local midnight. `outage`: too few calls, otherwise too many."""

    index: int
    start: datetime  # local
    hours: int
    outage: bool
    counted: float
    expected: float


def oddities(counts: Floats, mean: Floats, *, first: date) -> tuple[Oddity, ...]:
    """`counts` and `mean`: (days, 24), mean 0 where nothing was observed."""
    seen, expected = counts.reshape(-1), mean.reshape(-1)
    storm = seen > expected + STORM * np.sqrt(expected + VARYING * expected**2 + 1.0)
    faint = ((seen <= FAINT * expected) & (expected >= FAINT_FROM)) | _silent(seen, expected)
    kinds = np.where(faint, 1, np.where(storm, 2, 0)).tolist()
    found = []
    for kind, group in groupby(range(len(kinds)), key=kinds.__getitem__):
        if kind:
            found.append(_oddity(list(group), seen, expected, first=first, outage=kind == 1))
    return tuple(found)


def _silent(seen: Floats, expected: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """In a run of hours without any call that, together, were expected to bring SILENCE calls."""
    quiet = (seen == 0) & (expected > 0)
    runs = np.cumsum(~quiet)  # one number a run
    total = np.bincount(runs, weights=np.where(quiet, expected, 0.0))
    return np.asarray(quiet & (total[runs] >= SILENCE))


def _oddity(hours: list[int], seen: Floats, expected: Floats, *, first: date, outage: bool) -> Oddity:
    start = datetime.combine(first, time()) + timedelta(hours=hours[0])
    return Oddity(hours[0], start, len(hours), outage, float(seen[hours].sum()), float(expected[hours].sum()))
