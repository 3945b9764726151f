"""How full the centre is through time: agents at work, callers waiting, by quarter-hour."""

from dataclasses import dataclass

import numpy as np

from .durations import Floats
from .log import Door, Log
from .model import SLOT, Level
from .plan import CLASSES, Flags, Ints, Plan
from .sample import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Over whole quarter-hours. `busy[slots, G]` and `staffed[slots, G]`: mean agents ringing, talking, holding or in
    wrap-up, and on duty, by group; who finishes a call after the end of the shift is busy and not staffed.
    `queue_mean[slots, L]`, `queue_max[slots, L]`: callers waiting for a level (call-backs included), ringing included.
    """

    busy: Floats
    staffed: Floats
    queue_mean: Floats
    queue_max: Ints


def presence(plan: Plan, sample: Sample, log: Log) -> Presence:
    ends = np.arange(plan.slots + 1, dtype=np.float64) * SLOT
    lines = [_waits_of(plan, sample, log, level) for level in Level]
    return Presence(
        busy=_busy(plan, sample, log, ends),
        staffed=_staffed(plan),
        queue_mean=np.stack([_mean(start, end, ends) for start, end in lines], axis=1),
        queue_max=np.stack([_peak(start, end, ends) for start, end in lines], axis=1),
    )


def queues(plan: Plan, sample: Sample, log: Log) -> Floats:
    """[C, slots, L]: callers of each centre waiting for each level, on average over the quarter-hour."""
    ends = np.arange(plan.slots + 1, dtype=np.float64) * SLOT
    found = np.zeros((plan.centres, plan.slots, len(Level)))
    for centre in range(plan.centres):
        mine: Flags = sample.centre == centre
        for level in Level:
            found[centre, :, level] = np.maximum(0, _mean(*_waits_of(plan, sample, log, level, of=mine), ends))
    return found


def _busy(plan: Plan, sample: Sample, log: Log, ends: Floats) -> Floats:
    busy = np.zeros((plan.slots, len(plan.group_centre)))
    rows, steps = np.nonzero(log.agent >= 0)
    group = plan.agent_group[log.agent[rows, steps]]
    ringing = plan.answer_delay[plan.level[sample.kind[rows], steps]]
    start, end = log.answered[rows, steps] - ringing, log.free[rows, steps]
    end = np.where(np.isnan(end), plan.horizon, end)
    for index in range(busy.shape[1]):
        mine = group == index
        busy[:, index] = _mean(start[mine], end[mine], ends)
    return busy


def _staffed(plan: Plan) -> Floats:
    at = np.searchsorted(plan.boundary, np.arange(plan.slots) * SLOT, side="right") - 1
    return plan.on_duty[at].astype(np.float64)


def _waits_of(plan: Plan, sample: Sample, log: Log, level: int, *, of: Flags | bool = True) -> tuple[Floats, Floats]:
    """When each wait for the level begins and ends; `of`: the rows that count."""
    waits: list[tuple[Floats, Floats]] = []
    for step in range(plan.steps):
        here = (plan.level[sample.kind, step] == level) & (sample.kind < CLASSES) & of
        if step == 0:
            given_up = here[:, None] & (log.door == Door.ABANDONED)
            waits.append((log.presented[given_up], log.left[given_up]))
            here &= ~_gave_up(log)
        waits.append(_waits_at(plan, log, here & ~np.isnan(log.queued[:, step]), step))
    return np.concatenate([start for start, _ in waits]), np.concatenate([end for _, end in waits])


def _gave_up(log: Log) -> Flags:
    """The last attempt was lost at the door."""
    last = np.maximum((~np.isnan(log.presented)).sum(axis=1) - 1, 0)
    gave_up: Flags = ~np.isnan(log.left[np.arange(len(last)), last])
    return gave_up


def _waits_at(plan: Plan, log: Log, here: Flags, step: int) -> tuple[Floats, Floats]:
    """Who hung up and is called back waits until then."""
    end = np.full(int(here.sum()), plan.horizon)
    for at in (log.diverted, log.hung_up[:, step], log.answered[:, step]):
        end = np.where(np.isnan(at[here]), end, at[here])
    return log.queued[here, step], end


def _mean(start: Floats, end: Floats, ends: Floats) -> Floats:
    """Mean number present in each slot, from the instants when they come and go."""
    there = _elapsed(np.sort(start), ends) - _elapsed(np.sort(end), ends)
    mean: Floats = np.diff(there) / SLOT
    return mean


def _elapsed(instants: Floats, ends: Floats) -> Floats:
    """Sum over the instants of the time since each, seen from each end; 0 before it."""
    before = np.searchsorted(instants, ends)
    sums = np.concatenate([[0.0], np.cumsum(instants)])
    elapsed: Floats = ends * before - sums[before]
    return elapsed


def _peak(start: Floats, end: Floats, ends: Floats) -> Ints:
    """Most present at once in each slot, whoever was there when it began included; a stay without duration counts for
    nobody. At one instant: departures, then the end of the slot (a change of 0), then arrivals."""
    instants = np.concatenate([start, end, ends])
    changes = np.repeat(np.array([1, -1, 0], dtype=np.int32), [len(start), len(end), len(ends)])
    order = np.lexsort((changes, instants))
    present = np.cumsum(changes[order], dtype=np.int32)
    peaks: Ints = np.maximum.reduceat(present, np.flatnonzero(changes[order] == 0))[:-1]
    return peaks
