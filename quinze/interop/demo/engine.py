"""Plays many lives at once, in the order of their instants."""

import heapq
import itertools
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from quinze.base.errors import Refusal
from quinze.interop.demo.hands import Life

log = logging.getLogger(__name__)


class Engine:
    """Lives wait in a heap for their next instant. A refusal ends a life: somebody else took the work in hand."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Life]] = []
        self._order = itertools.count()
        self.acts = self.refused = 0

    def add(self, life: Life, at: datetime) -> None:
        next(life)  # runs to the first yield; the life then waits for its first instant
        heapq.heappush(self._heap, (at, next(self._order), life))

    @property
    def next_at(self) -> datetime | None:
        return self._heap[0][0] if self._heap else None

    def step(self, clock: Callable[[datetime], datetime] = lambda due: due) -> None:
        """Play the next act; `clock` gives the instant at which it is really done."""
        due, _, life = heapq.heappop(self._heap)
        self.acts += 1
        try:
            delay = life.send(clock(due))
        except StopIteration:
            return
        except Refusal as refusal:
            self.refused += 1
            log.info("left to others: %s", refusal.message)
            return
        heapq.heappush(self._heap, (due + timedelta(seconds=delay), next(self._order), life))
