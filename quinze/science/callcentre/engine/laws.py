"""Durations as kernels take them: a mean, and the law of what is left once divided by it."""

from collections.abc import Sequence
from math import log1p, sqrt
from typing import NamedTuple

import numpy as np

from quinze.science.callcentre.durations import Duration, Empirical, Exponential, Floats, Lognormal
from quinze.science.callcentre.errors import ScenarioError

EXPONENTIAL, LOGNORMAL, CONSTANT, EMPIRICAL = range(4)


class Law(NamedTuple):
    """`table`: the values of an empirical law, of mean 1."""

    code: int
    sigma: float
    table: tuple[float, ...]


def law_of(duration: Duration) -> Law:
    match duration:
        case Exponential():
            return Law(EXPONENTIAL, 0.0, ())
        case Lognormal():
            return Law(LOGNORMAL, sqrt(log1p(duration.cv**2)), ())
        case Empirical():
            return Law(EMPIRICAL, 0.0, tuple(value / duration.mean for value in duration.values))
    return Law(CONSTANT, 0.0, ())


def common_law(durations: Sequence[Duration], *, place: str) -> Law:
    """These engines draw all the durations of a level from one law; only the means may differ between classes."""
    laws = {law_of(duration) for duration in durations if duration.mean}
    if len(laws) > 1:
        raise ScenarioError(place, "les durées des classes doivent suivre la même loi, à leur moyenne près.")
    return laws.pop() if laws else Law(CONSTANT, 0.0, ())


def table_of(laws: Sequence[Law]) -> Floats:
    """One row a law; laws without a table have a row of ones. Rows are of one length: the values are repeated."""
    width = int(np.lcm.reduce([len(law.table) or 1 for law in laws]))
    if width > 1_000_000:
        raise ScenarioError("durées mesurées", "trop de valeurs différentes ; regroupez-les par quantiles.")
    return np.array([np.repeat(law.table or (1.0,), width // (len(law.table) or 1)) for law in laws])
