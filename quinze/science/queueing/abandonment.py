"""Erlang A (M/M/n+M): as Erlang C, but each caller hangs up after an exponential patience. Exact.

Everything comes from one series of positive terms, A(c, x) = 1 + Σ_k Π_{i≤k} x/(c+1+i), with c = agents × patience ÷
handling and x = calls during one patience (Baccelli & Hébuterne 1981; Mandelbaum & Zeltyn 2007). No term is ever
subtracted from a larger one, so nothing is lost at 10,000 agents; `log_series` uses nothing but `math` and is the very
function that `kernels` compiles.
"""

import math
from dataclasses import dataclass

from quinze.science.queueing.bounds import check


def log_series(c: float, x: float) -> float:
    """log(A(c, x) − 1); −inf for x = 0. Far past the mode the incomplete gamma function is whole: its closed form."""
    if x <= 0.0:
        return -math.inf
    if x > c + 50.0 * math.sqrt(c) + 200.0:
        return math.lgamma(c + 1.0) + x - c * math.log(x)
    term, total, scale, step = 1.0, 0.0, 0.0, c
    while True:
        step += 1.0
        term *= x / step
        total += term
        if total > 1e200:
            term, total, scale = term * 1e-200, total * 1e-200, scale + 200.0 * math.log(10.0)
        if step > x and term < 1e-17 * total * (1.0 - x / step):
            return math.log(total) + scale


def log_free(agents: int, load: float) -> float:
    """log(1 / ErlangB(agents − 1, load)): the weight of "somebody is free" against "all but one are busy"."""
    weight, scale = 1.0, 0.0
    for busy in range(1, agents):
        weight = math.exp(-scale) + weight * (busy / load)
        if weight > 1e200:
            weight, scale = weight * 1e-200, scale + 200.0 * math.log(10.0)
    return math.log(weight) + scale


@dataclass(frozen=True, slots=True)
class ErlangA:
    """One level in steady state, where callers hang up. Made by `erlang_a`. Shares are of the calls presented."""

    calls_per_hour: float
    handling_s: float
    patience_s: float
    agents: int
    waiting: float
    """Share of calls that find nobody free."""
    abandoned: float
    """Share of calls whose caller hangs up before an answer, at whatever time."""
    _log_waiting_weight: float

    @property
    def load(self) -> float:
        return self.calls_per_hour * self.handling_s / 3600

    @property
    def occupancy(self) -> float:
        return self.load * (1 - self.abandoned) / self.agents

    @property
    def mean_wait_s(self) -> float:
        """Of all calls, those abandoned included (they waited until they hung up)."""
        return self.abandoned * self.patience_s

    @property
    def mean_queue(self) -> float:
        return self.mean_wait_s * self.calls_per_hour / 3600

    def served_within(self, within_s: float) -> float:
        """Calls answered in `within_s` seconds or less ÷ calls presented."""
        check(within_s=within_s)
        return max(0.0, 1 - self.abandoned - self._served_after(within_s))

    def served_within_of_answered(self, within_s: float) -> float:
        """Calls answered in `within_s` seconds or less ÷ calls answered."""
        return self.served_within(within_s) / (1 - self.abandoned)

    def abandoned_within(self, within_s: float) -> float:
        """Calls abandoned in `within_s` seconds or less ÷ calls presented (the SAE counts those under 15 s apart)."""
        return max(0.0, 1 - self.served_within(within_s) - self.longer_than(within_s))

    def longer_than(self, within_s: float) -> float:
        """Share of calls still waiting after `within_s` seconds."""
        check(within_s=within_s)
        return self._still_waiting(within_s)

    def wait_quantile_s(self, share: float) -> float:
        """The wait (until an answer or the hang-up) that `share` of the calls do not exceed."""
        check(share=share)
        if self.waiting <= 1 - share:
            return 0.0
        if share == 1:
            return math.inf
        low, high = 0.0, 50 * self.patience_s
        while high - low > 1e-9 * high:
            middle = (low + high) / 2
            low, high = (middle, high) if self._still_waiting(middle) > 1 - share else (low, middle)
        return (low + high) / 2

    def _still_waiting(self, after_s: float) -> float:
        """The wait that would be offered exceeds `after_s`, and so does the patience."""
        if self.waiting == 0:
            return 0.0
        c, x = self._parameters
        gone = after_s / self.patience_s
        series = _log_one_plus(log_series(c, x * math.exp(-gone)))
        return self.waiting * math.exp(-gone + _decay(c, x, gone) + series - self._log_waiting_weight)

    def _served_after(self, after_s: float) -> float:
        """Share of the calls presented that are answered, but later than `after_s`."""
        if self.waiting == 0:
            return 0.0
        c, x = self._parameters
        gone = after_s / self.patience_s
        log_after = _decay(c, x, gone) + log_series(c, x * math.exp(-gone)) + math.log(self.agents / self.load)
        return self.waiting * math.exp(log_after - self._log_waiting_weight)

    @property
    def _parameters(self) -> tuple[float, float]:
        per_patience = self.patience_s / self.handling_s
        return self.agents * per_patience, self.load * per_patience


def erlang_a(*, calls_per_hour: float, handling_s: float, agents: int, patience_s: float) -> ErlangA:
    """At least one agent. Raises Unacceptable for a figure that no call centre has."""
    check(calls_per_hour=calls_per_hour, handling_s=handling_s, staffed=agents, patience_s=patience_s)
    load = calls_per_hour * handling_s / 3600
    check(load=load)
    if load == 0:
        return ErlangA(calls_per_hour, handling_s, patience_s, agents, 0.0, 0.0, 0.0)
    ratio = patience_s / handling_s
    series = _log_one_plus(log_series(agents * ratio, load * ratio))
    waiting = _share(log_queued=series + math.log(load / agents), log_free=log_free(agents, load))
    abandoned = waiting * max(0.0, 1 - agents / load * -math.expm1(-series))
    return ErlangA(calls_per_hour, handling_s, patience_s, agents, waiting, abandoned, series)


def _share(*, log_queued: float, log_free: float) -> float:
    apart = log_free - log_queued
    return math.exp(-apart) / (1 + math.exp(-apart)) if apart > 0 else 1 / (1 + math.exp(apart))


def _log_one_plus(log_value: float) -> float:
    """log(1 + e^v)."""
    return log_value + math.log1p(math.exp(-log_value)) if log_value > 0 else math.log1p(math.exp(log_value))


def _decay(c: float, x: float, gone: float) -> float:
    """log of how the offered wait thins out after `gone` patiences."""
    return x * -math.expm1(-gone) - c * gone
