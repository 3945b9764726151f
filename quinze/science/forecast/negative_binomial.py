"""Quantiles of a count whose rate is itself uncertain: negative binomial of mean m and squared variation a, variance m
+ a m².
"""

import numpy as np
import numpy.typing as npt

from quinze.science.forecast.series import Floats

LEAST_VARIATION = 1e-6  # below it, a Poisson to six digits


def cumulative(count: Floats, mean: Floats, variation: Floats) -> Floats:
    """P(N ≤ count)."""
    from scipy.special import betainc  # noqa: PLC0415  (pages name forecasts without computing one)

    shape = 1.0 / np.maximum(variation, LEAST_VARIATION)
    below: Floats = np.where(count < 0, 0.0, betainc(shape, np.maximum(count, 0.0) + 1.0, shape / (shape + mean)))
    return below


def quantile(part: float, mean: Floats, variation: Floats) -> npt.NDArray[np.int64]:
    """The smallest count n with P(N ≤ n) ≥ part."""
    mean, variation = np.broadcast_arrays(np.maximum(mean, 0.0), variation)
    low = np.full(mean.shape, -1.0)
    high = np.ceil(mean + 10.0 * np.sqrt(mean + variation * mean**2) + 10.0)
    while (short := cumulative(high, mean, variation) < part).any():
        high = np.where(short, 2 * high, high)
    while ((high - low) > 1).any():
        middle = np.floor((low + high) / 2)
        enough = cumulative(middle, mean, variation) >= part
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high.astype(np.int64)
