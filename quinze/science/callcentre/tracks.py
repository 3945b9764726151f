"""Levels followed quarter-hour by quarter-hour through variants of one day, on the same callers.

A figure is a ratio of two sums over the replications (calls in time ÷ calls; seconds waited ÷ calls answered); its
interval is that of the ratio estimator, t · s(a − r·n) / (n̄·√R), and that of a difference of two variants takes their
residuals replication by replication, so that what chance does to both is taken away.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import sqrt

import numpy as np

from .compare import comparable_count
from .durations import Floats
from .engine.general import play
from .episodes import End, Episodes, episodes, together
from .errors import whole
from .intervals import Interval, student
from .model import LARGEST_SEED, Level, Scenario
from .plan import Ints, Plan, plan_of
from .presence import queues
from .results import SHORT, Engine, Spread, counted
from .sample import draw
from .sweeps import same_callers

STAYS = 4
"""Quarter-hours in a row within its target, for a level to be back."""
CLOSE = 0.02
"""Within so much of the planned day is as good as the planned day."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """One level of one centre in one variant. [R, S] by replication and quarter-hour where the wait begins: calls
    `presented`, `busy` tones apart, `patient` of them (those who hung up within 15 s left out), `in_time`, `answered`,
    seconds `waited` by those, `lost` (hung up, busy tone, never answered: each attempt), calls `held` by their agent
    and for how many seconds, `queue` on average. `waits` and their `slots`: of answered calls, all replications.
    """

    presented: Floats
    busy: Floats
    patient: Floats
    in_time: Floats
    answered: Floats
    waited: Floats
    lost: Floats
    held: Floats
    held_s: Floats
    queue: Floats
    waits: Floats
    slots: Ints


Parts = tuple[Floats, Floats | None]
"""Sums and what they are divided by; None: how many a replication."""
Measure = Callable[[Track], Parts]


def served(track: Track) -> Parts:
    return track.in_time, track.patient


def reached(track: Track) -> Parts:
    """As `served`, of those who heard the busy tone too: nobody reaches a room whose telephone is down."""
    return track.in_time, track.patient + track.busy


def wait(track: Track) -> Parts:
    return track.waited, track.answered


def hold(track: Track) -> Parts:
    return track.held_s, track.held


def calls(track: Track) -> Parts:
    return track.presented, None


def lost(track: Track) -> Parts:
    return track.lost, None


def held(track: Track) -> Parts:
    return track.held, None


def queue(track: Track) -> Parts:
    return track.queue, np.ones_like(track.queue)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Played:
    """A variant: its levels, by centre."""

    scenario: Scenario
    replications: int
    centres: tuple[Mapping[Level, Track], ...]

    @property
    def ours(self) -> Mapping[Level, Track]:
        return self.centres[0]


def follow(
    variants: Mapping[str, Scenario],
    *,
    within_s: Mapping[Level, float],
    replications: int,
    seed: int = 1,
    engine: Engine = play,
    spread: Spread = map,
) -> dict[str, Played]:
    """Each variant with the same seed. `within_s`: what is in time at each level. At least two replications."""
    count = comparable_count(replications)
    whole(seed, 0, LARGEST_SEED, place="graine")
    plans = {name: plan_of(scenario) for name, scenario in variants.items()}
    task = partial(_replication, list(variants.values()), list(plans.values()), seed, engine)
    played = list(spread(task, range(count)))
    return {
        name: _played(scenario, [one[index] for one in played], within_s)
        for index, (name, scenario) in enumerate(variants.items())
    }


One = tuple[Episodes, Floats]


def _replication(
    scenarios: Sequence[Scenario], plans: Sequence[Plan], seed: int, engine: Engine, number: int
) -> list[One]:
    found: list[One] = []
    drawn = None
    for scenario, plan in zip(scenarios, plans, strict=True):
        if drawn is None or not same_callers(scenario, drawn[0]):
            drawn = scenario, draw(scenario, replication=number, seed=seed)
        log = engine(plan, drawn[1])
        found.append((counted(scenario, episodes(plan, drawn[1], log)), queues(plan, drawn[1], log)))
    return found


def _played(scenario: Scenario, parts: Sequence[One], within_s: Mapping[Level, float]) -> Played:
    waits = together([one for one, _ in parts])
    lines = np.stack([line for _, line in parts])
    centres = tuple(
        {
            level: _track(waits.where((waits.level == level) & (waits.centre == centre)), lines[:, centre, :, level], s)
            for level, s in within_s.items()
        }
        for centre in range(len(scenario.centres))
    )
    return Played(scenario=scenario, replications=len(parts), centres=centres)


def _track(waits: Episodes, line: Floats, within_s: float) -> Track:
    key = waits.replication.astype(np.int64) * line.shape[1] + waits.slot
    answered, busy = waits.end == End.ANSWERED, waits.end == End.BUSY
    short = (waits.end == End.ABANDONED) & (waits.wait < SHORT)

    def sums(chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], weights: Floats | None = None) -> Floats:
        each = None if weights is None else weights[chosen]
        found = np.bincount(key[chosen], weights=each, minlength=line.size).astype(np.float64)
        return found.reshape(line.shape)

    return Track(
        presented=sums(~busy),
        busy=sums(busy),
        patient=sums(~busy & ~short),
        in_time=sums(answered & (waits.wait <= within_s)),
        answered=sums(answered),
        waited=sums(answered, waits.wait),
        lost=sums((waits.end == End.ABANDONED) | busy | (waits.end == End.UNANSWERED)),
        held=sums(waits.held > 0),
        held_s=sums(waits.held > 0, waits.held),
        queue=line,
        waits=waits.wait[answered],
        slots=waits.slot[answered],
    )


# ---- figures


def by_slot(track: Track, measure: Measure) -> tuple[Floats, Floats]:
    """[S] values and half-widths at 95 %; NaN where nothing happened."""
    value, residual = _ratio(*measure(track))
    return value, _half_width(residual)


def over(track: Track, measure: Measure, slots: range) -> Interval:
    """Over the quarter-hours together: a share, a mean, or how many a replication."""
    value, residual = _ratio(*_window(measure(track), slots))
    return Interval(mean=float(value[0]), half_width=float(_half_width(residual)[0]))


def apart(before: Track, after: Track, measure: Measure, slots: range) -> Interval:
    """After less before, on the same callers."""
    early, late = (_ratio(*_window(measure(track), slots)) for track in (before, after))
    half_width = _half_width(late[1] - early[1])
    return Interval(mean=float(late[0][0] - early[0][0]), half_width=float(half_width[0]))


def late_wait(track: Track, slots: range, *, percent: int = 95) -> float:
    """The wait that `percent` of the calls answered did not exceed; NaN without any."""
    waits = track.waits[(track.slots >= slots.start) & (track.slots < slots.stop)]
    return float(np.percentile(waits, percent)) if len(waits) else float("nan")


def late_waits(track: Track, *, percent: int = 95) -> Floats:
    """`late_wait` of each quarter-hour, [S]."""
    order = np.argsort(track.slots, kind="stable")
    slots, waits = track.slots[order], track.waits[order]
    bounds = np.searchsorted(slots, np.arange(track.queue.shape[1] + 1))
    found = np.full(track.queue.shape[1], np.nan)
    for slot, (start, end) in enumerate(pairwise(bounds)):
        if end > start:
            found[slot] = np.percentile(waits[start:end], percent)
    return found


def _window(parts: Parts, slots: range) -> Parts:
    """Sums over the quarter-hours."""
    top, bottom = (None if part is None else part[:, slots.start : slots.stop].sum(1, keepdims=True) for part in parts)
    assert top is not None  # noqa: S101  (for the type)
    return top, bottom


def _ratio(top: Floats, bottom: Floats | None) -> tuple[Floats, Floats]:
    """[S] and residuals [R, S]."""
    if bottom is None:
        mean: Floats = top.mean(axis=0)
        return mean, top - mean
    with np.errstate(invalid="ignore", divide="ignore"):
        value: Floats = top.sum(axis=0) / bottom.sum(axis=0)
        return value, (top - value * bottom) / bottom.mean(axis=0)


def _half_width(residual: Floats) -> Floats:
    count = len(residual)
    found: Floats = student(0.95, count - 1) * residual.std(axis=0, ddof=1) / sqrt(count)
    return found


# ---- when it is over


def out_of_target(planned: Track, after: Track, *, target: float) -> Floats:
    """[S] 1 where fewer calls are in time than the target and, beyond doubt, than on the planned day."""
    early, late = _ratio(*reached(planned)), _ratio(*reached(after))
    with np.errstate(invalid="ignore"):
        below = (late[0] < target) & (late[0] - early[0] + _half_width(late[1] - early[1]) < -CLOSE)
    return below.astype(np.float64)


def recovery(planned: Track, after: Track, *, target: float, start: int) -> tuple[int | None, int | None]:
    """The first quarter-hour from `start` where the level is out of its target, and the first one after it from which
    it is back for an hour; None: never out, not back before the end.
    """
    out = out_of_target(planned, after, target=target) > 0
    first = next((slot for slot in range(start, len(out)) if out[slot]), None)
    if first is None:
        return None, None
    back = (slot for slot in range(first + 1, len(out) - STAYS + 1) if not out[slot : slot + STAYS].any())
    return first, next(back, None)
