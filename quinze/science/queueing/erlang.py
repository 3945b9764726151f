"""Erlang B (no waiting room) and Erlang C (nobody ever hangs up): exact, for one level and a steady load.

Erlang C alone is optimistic about staff and pessimistic about waits: real callers hang up, arrivals are more irregular
than a Poisson process, agents also do other work. `abandonment` is the default elsewhere.
"""

import math
from dataclasses import dataclass
from typing import Self

from quinze.science.queueing.bounds import check


def blocking(agents: int, *, load: float) -> float:
    """Erlang B: the share of calls lost when nobody may wait. `load` in erlangs. O(agents), stable at any size."""
    check(agents=agents, load=load)
    lost = 1.0
    for busy in range(1, agents + 1):
        lost = load * lost / (busy + load * lost)
    return lost


def load_for(agents: int, *, blocking: float) -> float:
    """The load that `agents` lines carry with this share of calls lost (the printed Erlang B tables)."""
    check(agents=agents, blocking=blocking)
    if agents == 0:
        return 0.0
    low, high = 0.0, agents / (1 - blocking) + 1
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _lost(agents, middle) < blocking else (low, middle)
    return (low + high) / 2


def _lost(agents: int, load: float) -> float:
    lost = 1.0
    for busy in range(1, agents + 1):
        lost = load * lost / (busy + load * lost)
    return lost


def waiting(agents: int, *, load: float) -> float:
    """Erlang C: the share of calls that find nobody free; 1 when the load is at least the number of agents."""
    if load >= agents:
        check(agents=agents, load=load)
        return 1.0 if load > 0 else 0.0
    lost = blocking(agents, load=load)
    return lost / (1 - load / agents * (1 - lost))


@dataclass(frozen=True, slots=True)
class ErlangC:
    """One level in steady state, where nobody hangs up. Made by `erlang_c`."""

    calls_per_hour: float
    handling_s: float
    agents: int
    waiting: float
    """Share of calls that wait at all."""

    @property
    def load(self) -> float:
        """Erlangs: the number of persons busy on average if none were missing."""
        return self.calls_per_hour * self.handling_s / 3600

    @property
    def occupancy(self) -> float:
        return min(1.0, self.load / self.agents) if self.agents else 1.0

    @property
    def drain(self) -> float:
        """How fast the queue melts, per second; zero or negative: it never does."""
        return (self.agents - self.load) / self.handling_s

    @property
    def stable(self) -> bool:
        return self.load < self.agents or self.load == 0

    @property
    def mean_wait_s(self) -> float:
        """Of all calls, those answered at once included (ASA); infinite when the load is too high."""
        if self.waiting == 0:
            return 0.0
        return self.waiting / self.drain if self.drain > 0 else math.inf

    @property
    def mean_queue(self) -> float:
        return self.mean_wait_s * self.calls_per_hour / 3600

    def served_within(self, within_s: float) -> float:
        """Share of calls answered in `within_s` seconds or less; 0 when the load is too high to be served."""
        check(within_s=within_s)
        return 1 - self.waiting * math.exp(-self.drain * within_s) if self.stable else 0.0

    def wait_quantile_s(self, share: float) -> float:
        """The wait that `share` of the calls do not exceed."""
        check(share=share)
        if share <= 1 - self.waiting:
            return 0.0
        if self.drain <= 0 or share == 1:
            return math.inf
        return math.log(self.waiting / (1 - share)) / self.drain

    def with_agents(self, agents: int) -> Self:
        return type(self)(self.calls_per_hour, self.handling_s, agents, waiting(agents, load=self.load))


def erlang_c(*, calls_per_hour: float, handling_s: float, agents: int) -> ErlangC:
    """Raises Unacceptable for a figure that no call centre has (negative, 0 s calls, a million agents, NaN)."""
    check(calls_per_hour=calls_per_hour, handling_s=handling_s, agents=agents)
    load = calls_per_hour * handling_s / 3600
    check(load=load)
    return ErlangC(calls_per_hour, handling_s, agents, waiting(agents, load=load))
