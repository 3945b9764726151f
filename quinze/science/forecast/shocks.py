"""How much counts vary around their mean: from hour to hour (gamma), and from day to day (a busy day follows a busy
day).

log of a day's busyness is an autoregressive process of order 1, seen through the noise of the day's count: a Kalman
filter reads where it stands on the last day, days without data included, and how fast that knowledge fades.
"""

from dataclasses import dataclass

import numpy as np

from quinze.science.forecast.series import Floats

LEAST_OF_DAY = 0.25  # part of a day's expected calls that must have been observed
FEW_DAYS = 10
FAST, SLOW = 0.0, 0.98
LEAST_MEAN = 1.0
# What is believed before the data says: as much as this many hours, or days, of it.
USUAL_DISPERSION, HOURS_BELIEVED = 0.02, 14 * 24.0
USUAL_DAY_SD, DAYS_BELIEVED = 0.05, 28.0
MOST_LEVERAGE = 0.8


@dataclass(frozen=True, slots=True)
class DayShock:
    """`sd` and `memory` of the daily log busyness; `now` and `now_variance` as known at the end of the last day."""

    sd: float
    memory: float
    now: float
    now_variance: float

    def ahead(self, days: Floats) -> tuple[Floats, Floats]:
        """(factor on the mean, squared coefficient of variation left) this many days after the last day."""
        faded = self.memory**days
        variance = faded**2 * self.now_variance + self.sd**2 * (1 - faded**2)
        return np.exp(faded * self.now + (variance - self.sd**2) / 2), np.expm1(variance)


def dispersion_within_days(counts: Floats, mean: Floats, *, leverage: Floats) -> float:
    """Squared coefficient of variation of a slot beyond Poisson, by moments, each day brought to its own total. What a
    slot weighs in its day and in the fit (`leverage`: how much of its own count its mean has followed) is allowed
    for.
    """
    day_mean = mean.sum(axis=1, keepdims=True)
    kept = (mean > LEAST_MEAN) & (day_mean > 0)
    scaled = mean * counts.sum(axis=1, keepdims=True) / np.maximum(day_mean, 1e-12)
    alone = 1.0 - mean / np.maximum(day_mean, 1e-12)
    weight = float((scaled**2 * alone)[kept].sum())
    squares = (counts - scaled) ** 2 / (1 - np.minimum(leverage, MOST_LEVERAGE))
    excess = float((squares - scaled * alone)[kept].sum())
    believed = HOURS_BELIEVED * float((scaled**2)[kept].mean()) if kept.any() else 1.0
    return max(0.0, (excess + believed * USUAL_DISPERSION) / (weight + believed))


def day_shock(counts: Floats, mean: Floats, *, usual: Floats, dispersion: float) -> DayShock:
    """`mean`: expected in what was observed; `usual`: expected in the whole day, (days, 24) both."""
    day, expected = counts.sum(axis=1), mean.sum(axis=1)
    seen = (expected > LEAST_OF_DAY * usual.sum(axis=1)) & (expected > LEAST_MEAN)
    floor = np.maximum(expected, LEAST_MEAN)
    log_ratio = np.where(seen, np.log((day + 0.5) / (floor + 0.5)), np.nan)
    noise = (expected + dispersion * (mean**2).sum(axis=1)) / floor**2
    if seen.sum() < FEW_DAYS:
        return DayShock(0.0, FAST, 0.0, 0.0)
    sd, memory = _moments(log_ratio, noise)
    return DayShock(sd, memory, *_filtered(log_ratio, noise, sd=sd, memory=memory))


def _moments(log_ratio: Floats, noise: Floats) -> tuple[float, float]:
    """Noise adds to the variance, not to the covariance of two days."""
    known = np.isfinite(log_ratio)
    measured = float((log_ratio**2 - noise)[known].sum()) + DAYS_BELIEVED * USUAL_DAY_SD**2
    variance = max(0.0, measured / (float(known.sum()) + DAYS_BELIEVED))
    products = log_ratio[1:] * log_ratio[:-1]
    if variance == 0 or np.isfinite(products).sum() < FEW_DAYS:
        return variance**0.5, FAST
    return variance**0.5, float(np.clip(np.nanmean(products) / variance, FAST, SLOW))


def _filtered(log_ratio: Floats, noise: Floats, *, sd: float, memory: float) -> tuple[float, float]:
    level, variance = 0.0, sd**2
    for ratio, error in zip(log_ratio.tolist(), noise.tolist(), strict=True):
        level, variance = memory * level, memory**2 * variance + sd**2 * (1 - memory**2)
        if np.isfinite(ratio) and variance > 0:
            gain = variance / (variance + error)
            level, variance = level + gain * (ratio - level), (1 - gain) * variance
    return level, variance
