"""Penalised count regression on a design whose information matrix is an arrow: 24 small blocks and one border.

Coefficients of one hour meet those of another hour only through the coefficients of the day; eliminating the 24 blocks
(a Schur complement) leaves one small system. An iteration costs three matrix products and 25 small factorisations, so
that two years of hours are fitted in some milliseconds.

Weights are those of a negative binomial of variance m + dispersion × m² (a Poisson when it is 0).
"""

from dataclasses import dataclass

import numpy as np

from quinze.science.forecast.design import Design
from quinze.science.forecast.series import Floats

MOST_STEPS, ENOUGH, LONGEST_STEP = 40, 1e-6, 1.0
LEAST_RATE = 1e-3  # calls an hour: the logarithm of a night without any call


@dataclass(frozen=True, slots=True)
class Fit:
    """`hourly` (24, 10) and `daily` (17 + regressors) coefficients, and what their covariance is made of."""

    hourly: Floats
    daily: Floats
    inverse_blocks: Floats  # (24, 10, 10)
    carried: Floats  # (24, 10, daily): inverse block × border
    inverse_schur: Floats
    dispersion: float

    def log_rate(self, design: Design) -> Floats:
        """(days, 24), per observed hour."""
        return design.hourly @ self.hourly.T + (design.daily @ self.daily)[:, None]

    def log_variance(self, design: Design) -> Floats:
        """Variance of the estimated log rate, (days, 24): how little was learnt, not how calls vary."""
        ff, fx, xx = design.products
        crossed = self.carried @ self.inverse_schur
        blocks = self.inverse_blocks + crossed @ self.carried.transpose(0, 2, 1)
        own = ff @ blocks.reshape(24, -1).T - 2 * fx @ crossed.reshape(24, -1).T
        return np.asarray(own + (xx @ self.inverse_schur.reshape(-1))[:, None])

    def leverage(self, design: Design, mean: Floats) -> Floats:
        """How much of its own count each hour's mean has followed, 0 to 1, (days, 24)."""
        return mean / (1 + self.dispersion * mean) * self.log_variance(design)


def fit(design: Design, counts: Floats, exposure: Floats, *, dispersion: float = 0.0, start: Fit | None = None) -> Fit:
    """`counts` and `exposure`: (days, 24). Newton's method on the penalised likelihood, damped; it always has one
    maximum when dispersion is 0, and in practice when it is not.
    """
    hourly, daily = (start.hourly.copy(), start.daily.copy()) if start else _first(design, counts, exposure)
    for _ in range(MOST_STEPS):
        mean = exposure * np.exp(design.hourly @ hourly.T + (design.daily @ daily)[:, None])
        shrink = 1.0 / (1.0 + dispersion * mean)
        slope = (counts - mean) * shrink
        system = _System.of(design, mean * shrink)
        step = system.solve(
            (design.hourly.T @ slope).T - design.hourly_precision * hourly,
            design.daily.T @ slope.sum(axis=1) - design.daily_precision * daily,
        )
        largest = max(float(np.abs(part).max(initial=0.0)) for part in step)
        damping = min(1.0, LONGEST_STEP / largest) if largest else 1.0
        hourly, daily = hourly + damping * step[0], daily + damping * step[1]
        if largest < ENOUGH:
            break
    return Fit(hourly, daily, system.inverse_blocks, system.carried, system.inverse_schur, dispersion)


def _first(design: Design, counts: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    hourly = np.zeros((24, design.hourly.shape[1]))
    hourly[:, 0] = np.log(np.maximum(LEAST_RATE, counts.sum(axis=0) / np.maximum(exposure.sum(axis=0), 1.0)))
    return hourly, np.zeros(design.daily.shape[1])


@dataclass(frozen=True, slots=True)
class _System:
    inverse_blocks: Floats
    border: Floats  # (24, 10, daily)
    carried: Floats
    inverse_schur: Floats

    @classmethod
    def of(cls, design: Design, weights: Floats) -> "_System":
        wide, tall = design.hourly.shape[1], design.daily.shape[1]
        ff, fx, xx = design.products
        blocks = (weights.T @ ff).reshape(24, wide, wide) + np.diag(design.hourly_precision)
        border = (weights.T @ fx).reshape(24, wide, tall)
        corner = (weights.sum(axis=1) @ xx).reshape(tall, tall) + np.diag(design.daily_precision)
        inverse = np.asarray(np.linalg.inv(blocks), dtype=np.float64)
        carried = inverse @ border
        schur = corner - np.einsum("hij,hik->jk", border, carried)
        return cls(inverse, border, carried, np.asarray(np.linalg.inv((schur + schur.T) / 2), dtype=float))

    def solve(self, hourly: Floats, daily: Floats) -> tuple[Floats, Floats]:
        own = np.einsum("hij,hj->hi", self.inverse_blocks, hourly)
        shared = self.inverse_schur @ (daily - np.einsum("hij,hi->j", self.border, own))
        return own - self.carried @ shared, shared
