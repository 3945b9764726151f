"""The peer of the forecast benchmark, run by the environment of requirements-bench.lock: knows nothing of Quinze."""

import json
import sys
import time
import warnings

import numpy as np
from statsforecast.models import MSTL, AutoETS, SeasonalNaive

DAY, WEEK = 24, 168


def main(path: str, windows: str, slow_windows: str, days: str) -> None:
    warnings.simplefilter("ignore")
    counts, horizon = np.load(path).astype(np.float64), int(days) * DAY
    found = {
        "seasonal_naive": _run(counts, horizon, int(windows), lambda: SeasonalNaive(WEEK)),
        "mstl_auto_ets": _run(
            counts, horizon, int(slow_windows), lambda: MSTL([DAY, WEEK], trend_forecaster=AutoETS(model="ZZN"))
        ),
    }
    print(json.dumps(found))


def _run(counts: np.ndarray, horizon: int, windows: int, made: object) -> dict[str, float]:
    made().forecast(y=counts[:2000], h=DAY)  # compiled before it is timed
    error = calls = 0.0
    began = time.process_time()
    for rank in range(windows, 0, -1):
        cut = len(counts) - rank * horizon
        truth = counts[cut : cut + horizon]
        error += float(np.abs(made().forecast(y=counts[:cut], h=horizon)["mean"] - truth).sum())
        calls += float(truth.sum())
    spent = (time.process_time() - began) / windows
    return {"wape": round(error / calls, 4), "window_s": round(spent, 4), "windows": windows}


if __name__ == "__main__":
    main(*sys.argv[1:])
