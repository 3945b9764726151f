"""make bench NAME=forecast: how wrong a forecast of calls is, and how long it takes, beside a published peer.

Two years of hours of a synthetic SAMU (quinze.science.forecast.synthetic), twelve windows of two weeks forecast from
what came before them. The generator and the model both think in calendars: the gain says what a calendar is worth
where calls follow one, not what it would be for a given SAMU; `quinze forecast` measures that on the file it is given.
- `wape_gain_over_naive`: 1 − WAPE ÷ WAPE of the same hour of the week before. - `fit_101_series_s`: 101 series of two
years, from the smallest to the largest SAMU; processor time, one thread. The peer (statsforecast) runs in its own
environment, made from requirements-bench.lock.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from quinze.science.forecast import Backtest, backtest, fit
from quinze.science.forecast.calendars import SCHOOL_ZONES
from quinze.science.forecast.synthetic import Synthetic, samu_like
from tests.bench.report import VAR, machine, table, write

ROOT = Path(__file__).parents[2]
PEERS = VAR / "bench" / "peers"
AT_LEAST, AT_MOST = {"wape_gain_over_naive": 0.25}, {"fit_101_series_s": 5.0}
SMALLEST, LARGEST = 10, 135  # calls an hour, as published for 2023
WINDOWS, DAYS = 12, 14
SLOW_WINDOWS = 3  # of the peers that take seconds each


def main() -> int:
    options = _options()
    print(machine())
    made = samu_like(seed=options.seed)
    began = time.process_time()
    ours = backtest(made.series, windows=WINDOWS, days=DAYS)
    spent = time.process_time() - began
    figures = _figures(ours, spent) | {"fit_101_series_s": round(_hundred_and_one(), 2)}
    peers = {} if options.no_peer else _peers(made)
    _say(ours, made, peers, spent / len(ours.windows))
    figures |= {f"{name}_{key}": value for name, found in peers.items() for key, value in found.items()}
    print(f"\n{write('forecast', figures)}")
    late = [key for key, least in AT_LEAST.items() if figures[key] < least]
    late += [key for key, most in AT_MOST.items() if figures[key] > most]
    print("\n".join(f"MISSED: {key} = {figures[key]}" for key in late))
    return int(bool(late))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench NAME=forecast")
    parser.add_argument("--seed", type=int, default=44)
    parser.add_argument("--no-peer", action="store_true", help="do not install nor run statsforecast")
    return parser.parse_args()


def _figures(ours: Backtest, spent: float) -> dict[str, float]:
    return {
        "wape_gain_over_naive": round(ours.gain_over_naive, 4),
        "wape": round(ours.wape, 4),
        "naive_wape": round(ours.naive_wape, 4),
        "hour_of_week_mean_wape": round(ours.mean_wape, 4),
        "coverage_80": round(ours.coverage_80, 4),
        "coverage_95": round(ours.coverage_95, 4),
        "window_s": round(spent / len(ours.windows), 4),
    }


def _hundred_and_one() -> float:
    departements = [*sorted(SCHOOL_ZONES), "2A", "2B", "971", "972", "973", "974", "976"]
    means = np.geomspace(SMALLEST, LARGEST, len(departements))
    all_series = [
        samu_like(seed=rank, mean=mean, departement=code).series
        for rank, (code, mean) in enumerate(zip(departements, means, strict=True))
    ]
    began = time.process_time()
    for series in all_series:
        fit(series)
    return time.process_time() - began


def _peers(made: Synthetic) -> dict[str, dict[str, float]]:
    try:
        python = _environment()
    except (subprocess.CalledProcessError, OSError) as failed:
        print(f"statsforecast could not be installed here: {failed}")
        return {}
    folder = PEERS.parent
    np.save(folder / "forecast-counts.npy", made.series.counts.reshape(-1))
    command = [python, Path(__file__).with_name("forecast_peer.py"), folder / "forecast-counts.npy"]
    out = subprocess.run(
        [*command, str(WINDOWS), str(SLOW_WINDOWS), str(DAYS)], check=True, capture_output=True, text=True
    )
    found: dict[str, dict[str, float]] = json.loads(out.stdout.splitlines()[-1])
    return found


def _environment() -> Path:
    python = PEERS / "bin" / "python"
    uv, lock = ROOT / "var" / "uv", ROOT / "requirements-bench.lock"
    if not python.exists():
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, PEERS], check=True)
    subprocess.run([uv, "pip", "sync", "-q", "--require-hashes", "--python", python, lock], check=True)
    return python


def _say(ours: Backtest, made: Synthetic, peers: dict[str, dict[str, float]], seconds: float) -> None:
    hours = slice(made.series.days - WINDOWS * DAYS, None)
    truth, counts = made.rate[hours], made.series.counts[hours]
    rows = [
        ("true rate of the calendar", f"{np.abs(truth - counts).sum() / counts.sum():.1%}", WINDOWS, "–"),
        ("quinze.science.forecast", f"{ours.wape:.1%}", WINDOWS, f"{seconds:.3f}"),
        ("mean of 8 weeks by hour of week", f"{ours.mean_wape:.1%}", WINDOWS, "–"),
        ("same hour last week", f"{ours.naive_wape:.1%}", WINDOWS, "–"),
    ]
    for name, found in peers.items():
        last = ours.windows[-int(found["windows"]) :]
        same = sum(window.error for window in last) / sum(window.calls for window in last)
        label = f"statsforecast {name} (ours there: {same:.1%})"
        rows.append((label, f"{found['wape']:.1%}", int(found["windows"]), f"{found['window_s']:.3f}"))
    table(rows, head=("model", "WAPE", "windows", "s per window, fit and forecast"))


if __name__ == "__main__":
    sys.exit(main())
