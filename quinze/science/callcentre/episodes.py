"""From a log to its waits: one row each time a caller waits for a level, however that ends."""

from dataclasses import dataclass, fields, replace
from enum import IntEnum

import numpy as np

from .durations import Floats
from .log import Door, Log
from .model import SLOT
from .plan import CLASSES, Flags, Ints, Plan
from .sample import Bytes, Sample

Rows = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


class End(IntEnum):
    """UNANSWERED: still waiting when nothing more could happen (nobody on duty any longer)."""

    ANSWERED = 0
    ABANDONED = 1
    BUSY = 2
    DIVERTED = 3
    UNANSWERED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Episodes:
    """m rows. `wait` in seconds until the end, the picking-up included; NaN for BUSY and UNANSWERED. `held` seconds the
    agent of this level then kept the caller for the next one (0 if not). `slot` is that of the start of the wait.
    `replication` is 0 unless several were put together.
    """

    slot: Ints
    level: Ints
    centre: Ints
    kind: Bytes
    end: Bytes
    wait: Floats
    held: Floats
    replication: Ints

    def __len__(self) -> int:
        return len(self.slot)

    def where(self, chosen: Flags | Rows | slice) -> "Episodes":
        return Episodes(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def together(parts: list[Episodes]) -> Episodes:
    """Several replications, numbered in this order."""
    numbers = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
    return replace(_joined(parts), replication=numbers)


def episodes(plan: Plan, sample: Sample, log: Log) -> Episodes:
    """Calls only: nobody waits for background tasks."""
    calls = sample.kind < CLASSES
    return _joined(
        [
            *(_lost_attempt(plan, sample, log, attempt, calls) for attempt in range(plan.attempts)),
            *(_wait(plan, sample, log, step, calls) for step in range(plan.steps)),
        ]
    )


def _joined(parts: list[Episodes]) -> Episodes:
    columns = {field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Episodes)}
    return Episodes(**columns)


def _lost_attempt(plan: Plan, sample: Sample, log: Log, attempt: int, calls: Flags) -> Episodes:
    rows = np.flatnonzero(calls & (log.door[:, attempt] != Door.NOT_LEFT))
    start, left = log.presented[rows, attempt], log.left[rows, attempt]
    busy = log.door[rows, attempt] == Door.BUSY
    end = np.where(busy, End.BUSY, End.ABANDONED)
    wait = np.where(busy, np.nan, left - start)
    return _episodes(plan, sample, rows, step=0, start=start, end=end, wait=wait, held=np.zeros(len(rows)))


def _wait(plan: Plan, sample: Sample, log: Log, step: int, calls: Flags) -> Episodes:
    """Waits of a step, but those of the door that `_lost_attempt` tells."""
    waited = calls & ~np.isnan(log.queued[:, step])
    if step == 0:
        last = (~np.isnan(log.presented)).sum(axis=1) - 1
        waited &= log.door[np.arange(len(sample)), np.maximum(last, 0)] == Door.NOT_LEFT
    rows = np.flatnonzero(waited)
    start, answered, hung_up = log.queued[rows, step], log.answered[rows, step], log.hung_up[rows, step]
    diverted = np.where(np.isnan(answered), log.diverted[rows], np.nan)
    end = np.full(len(rows), End.UNANSWERED, dtype=np.int8)
    wait = np.full(len(rows), np.nan)
    for kind, at in ((End.DIVERTED, diverted), (End.ANSWERED, answered), (End.ABANDONED, hung_up)):
        happened = ~np.isnan(at)
        end[happened], wait[happened] = kind, (at - start)[happened]
    held = np.nan_to_num(log.released[rows, step] - log.ended[rows, step])
    return _episodes(plan, sample, rows, step=step, start=start, end=end, wait=wait, held=held)


def _episodes(
    plan: Plan, sample: Sample, rows: Rows, *, step: int, start: Floats, end: Bytes, wait: Floats, held: Floats
) -> Episodes:
    kind = sample.kind[rows]
    return Episodes(
        slot=(start // SLOT).astype(np.int32),
        level=plan.level[kind, step],
        centre=sample.centre[rows],
        kind=kind,
        end=end.astype(np.int8),
        wait=wait,
        held=held,
        replication=np.zeros(len(rows), dtype=np.int32),
    )
