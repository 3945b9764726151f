"""What happened to every call: the only thing an engine returns."""

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Self

import numpy as np

from .durations import Floats
from .plan import Ints, Plan
from .sample import Bytes, Sample


class Door(IntEnum):
    """How an attempt that nobody answered ended."""

    NOT_LEFT = 0
    ABANDONED = 1
    BUSY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Same n rows as the sample; K attempts, S steps. Seconds, float64, NaN where it did not happen.

    At the door: `presented[n, K]` the attempt rings; `left[n, K]` it ends unanswered, `door[n, K]` int8 says how.
    At each step: `queued[n, S]` begins to wait (the last attempt's, at step 0); `answered` an agent picks up;
    `briefed` the briefing into this step ends (NaN without one); `ended` the conversation ends; `released` the agent
    leaves the call (after `ended` when they held the caller); `free` their wrap-up is over; `agent` int32, −1;
    `hung_up[n, S]` the caller no longer waits on the line for this step (steps ≥ 1).
    `diverted[n]` sent to the neighbour SAS; `closed[n]` the last step is over.
    """

    presented: Floats
    left: Floats
    door: Bytes
    queued: Floats
    answered: Floats
    briefed: Floats
    ended: Floats
    released: Floats
    free: Floats
    agent: Ints
    hung_up: Floats
    diverted: Floats
    closed: Floats

    @classmethod
    def empty(cls, plan: Plan, sample: Sample) -> Self:
        n, steps, attempts = len(sample), plan.steps, plan.attempts

        def never(*shape: int) -> Floats:
            return np.full(shape, np.nan)

        return cls(
            presented=never(n, attempts),
            left=never(n, attempts),
            door=np.zeros((n, attempts), dtype=np.int8),
            queued=never(n, steps),
            answered=never(n, steps),
            briefed=never(n, steps),
            ended=never(n, steps),
            released=never(n, steps),
            free=never(n, steps),
            agent=np.full((n, steps), -1, dtype=np.int32),
            hung_up=never(n, steps),
            diverted=never(n),
            closed=never(n),
        )

    def differences(self, other: "Log") -> list[str]:
        """Columns and first rows where two logs are not identical to the last bit; empty when they are."""
        found = []
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if mine.shape != theirs.shape:
                found.append(f"{field.name}: {mine.shape} and {theirs.shape}")
                continue
            unlike = ~((mine == theirs) | (np.isnan(mine) & np.isnan(theirs)))
            if unlike.any():
                where = tuple(int(index) for index in np.argwhere(unlike)[0])
                found.append(f"{field.name}{list(where)}: {mine[where]!r} and {theirs[where]!r}")
        return found
