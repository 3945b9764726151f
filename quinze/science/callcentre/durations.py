"""How long things last: four families, in seconds.

`transform` turns standard variates into seconds, so that two scenarios that share the variates of a call differ only
by their parameters.
"""

from dataclasses import dataclass
from enum import IntEnum
from math import log, log1p, sqrt

import numpy as np

from .errors import ScenarioError, within

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

DAY = 86_400
MOST_VALUES = 1_000_000


class Family(IntEnum):
    """What a duration is computed from: nothing, a standard exponential, a standard normal, a uniform of [0, 1)."""

    FIXED = 0
    EXPONENTIAL = 1
    LOGNORMAL = 2
    EMPIRICAL = 3


@dataclass(frozen=True, slots=True)
class Fixed:
    seconds: float

    family = Family.FIXED

    def __post_init__(self) -> None:
        within(self.seconds, 0, DAY, place="durée fixe", unit="secondes")

    @property
    def mean(self) -> float:
        return float(self.seconds)

    def transform(self, variates: Floats) -> Floats:
        return np.full(len(variates), float(self.seconds))


@dataclass(frozen=True, slots=True)
class Exponential:
    mean: float

    family = Family.EXPONENTIAL

    def __post_init__(self) -> None:
        within(self.mean, 0.001, DAY, place="durée exponentielle, moyenne", unit="secondes")

    def transform(self, variates: Floats) -> Floats:
        return variates * float(self.mean)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """`cv` is the standard deviation divided by the mean, of the durations themselves."""

    mean: float
    cv: float

    family = Family.LOGNORMAL

    def __post_init__(self) -> None:
        within(self.mean, 0.001, DAY, place="durée lognormale, moyenne", unit="secondes")
        within(self.cv, 0.01, 10, place="durée lognormale, coefficient de variation")

    def transform(self, variates: Floats) -> Floats:
        variance = log1p(self.cv * self.cv)
        scaled = variates * sqrt(variance)
        scaled += log(self.mean) - variance / 2
        return np.exp(scaled, out=scaled)


@dataclass(frozen=True, slots=True)
class Empirical:
    """Measured durations; each is as likely as the others."""

    values: tuple[float, ...]

    family = Family.EMPIRICAL

    def __post_init__(self) -> None:
        if not 1 <= len(self.values) <= MOST_VALUES:
            raise ScenarioError("durées mesurées", f"{len(self.values)} valeurs ; il en faut de 1 à {MOST_VALUES}.")
        for value in self.values:
            within(value, 0, DAY, place="durées mesurées", unit="secondes")

    @property
    def mean(self) -> float:
        return sum(self.values) / len(self.values)

    def transform(self, variates: Floats) -> Floats:
        values = np.asarray(self.values, dtype=np.float64)
        chosen = (variates * len(values)).astype(np.int64)
        return values[chosen]


Duration = Fixed | Exponential | Lognormal | Empirical
NOTHING: Duration = Fixed(0)
