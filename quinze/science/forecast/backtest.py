"""How wrong would it have been: the model is fitted again before each window of the past, and forecasts that window.

WAPE = sum of absolute errors ÷ sum of calls, by hour. Even the true rate has an error, since calls are random: an hour
of 80 calls varies by 9 to 14 % by chance alone; what counts is the distance to what anybody can do without a model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from quinze.science.forecast import baselines
from quinze.science.forecast.design import Regressors
from quinze.science.forecast.errors import TooFew
from quinze.science.forecast.model import LEAST_DAYS, fit
from quinze.science.forecast.series import Floats, Series

WINDOW_DAYS, WINDOWS = 14, 12


@dataclass(frozen=True, slots=True)
class Window:
    """Sums over the hours of one window that were observed."""

    first: date
    hours: int
    calls: float
    error: float
    naive_error: float
    mean_error: float  # of the hour-of-week mean
    bias: float  # forecast − counted
    inside_80: int
    inside_95: int


@dataclass(frozen=True, slots=True)
class Backtest:
    windows: tuple[Window, ...]

    def _sum(self, name: str) -> float:
        return float(sum(getattr(window, name) for window in self.windows))

    @property
    def wape(self) -> float:
        return self._sum("error") / self._sum("calls")

    @property
    def naive_wape(self) -> float:
        return self._sum("naive_error") / self._sum("calls")

    @property
    def mean_wape(self) -> float:
        return self._sum("mean_error") / self._sum("calls")

    @property
    def gain_over_naive(self) -> float:
        return 1 - self.wape / self.naive_wape if self.naive_wape else 0.0

    @property
    def bias(self) -> float:
        """Part of the calls: +0.03 means that 3 % too many were announced."""
        return self._sum("bias") / self._sum("calls")

    @property
    def coverage_80(self) -> float:
        return self._sum("inside_80") / self._sum("hours")

    @property
    def coverage_95(self) -> float:
        return self._sum("inside_95") / self._sum("hours")


def backtest(
    series: Series, *, windows: int = WINDOWS, days: int = WINDOW_DAYS, regressors: Regressors | None = None
) -> Backtest:
    """The last `windows` windows of `days` days that leave enough before them and saw calls; TooFew when there is
    none.
    """
    last = series.after
    firsts = [last - timedelta(days=days * rank) for rank in range(windows, 0, -1)]
    usable = [first for first in firsts if _learnt(series, first)]
    found = [window for first in usable if (window := _window(series, first, days, regressors)) is not None]
    if not found:
        needed = int(LEAST_DAYS) + days
        raise TooFew(f"Trop peu de jours pour mesurer l’erreur. Accepté : {needed} jours comptés au moins.")
    return Backtest(tuple(found))


def _learnt(series: Series, first: date) -> bool:
    past = series.between(series.first, first)
    return float(past.exposure.sum()) * past.step / (24 * 60) >= LEAST_DAYS


def _window(series: Series, first: date, days: int, regressors: Regressors | None) -> Window | None:
    past, real = series.between(series.first, first), series.between(first, first + timedelta(days=days))
    counts, exposure = real.hourly()
    if not (counts * (exposure == 1)).sum():
        return None
    model = fit(past, regressors=regressors)
    forecast = model.predict(first, days, step=60, regressors=regressors)
    cells = _cells(real, forecast.starts)
    seen = exposure.reshape(-1)[cells] == 1  # an hour seen in part, or twice, is not one count
    truth, mean, bounds = counts.reshape(-1)[cells][seen], forecast.mean[seen], forecast.bounds[seen]
    naive = baselines.seasonal_naive(*past.hourly(), days=days).reshape(-1)[cells][seen]
    usual = baselines.hour_of_week_mean(*past.hourly(), days=days).reshape(-1)[cells][seen]
    return Window(
        first, int(seen.sum()), float(truth.sum()),
        error=_error(truth, mean), naive_error=_error(truth, naive), mean_error=_error(truth, usual),
        bias=float((mean - truth).sum()),
        inside_80=_inside(truth, bounds[:, 1], bounds[:, 2]), inside_95=_inside(truth, bounds[:, 0], bounds[:, 3]),
    )  # fmt: skip


def _cells(real: Series, starts: Sequence[datetime]) -> npt.NDArray[np.int64]:
    """Instants → positions in the days of the window."""
    local = [start.astimezone(real.place.zone) for start in starts]
    return np.array([(each.date() - real.first).days * 24 + each.hour for each in local])


def _error(truth: Floats, guess: Floats) -> float:
    return float(np.abs(truth - guess).sum())


def _inside(truth: Floats, low: Floats, high: Floats) -> int:
    return int(((truth >= low) & (truth <= high)).sum())
