"""Two organisations of the same day: same callers, same patience, same conversations, so that little is left to chance.

The difference is taken replication by replication (common random numbers); its interval is that of the differences,
much narrower than what two separate intervals would allow to say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan

from .engine.general import play
from .episodes import End, Episodes
from .errors import ScenarioError
from .intervals import Interval, interval
from .model import Level, Scenario
from .results import SHORT, Engine, Results, Spread, service, simulate

Measure = Callable[[Episodes], float]


def qs(target: int) -> Measure:
    """Answered within `target` seconds, of presented less short hang-ups (`Service.qs`, without the rest of it)."""

    def share(waits: Episodes) -> float:
        answered, abandoned = waits.end == End.ANSWERED, waits.end == End.ABANDONED
        patient = len(waits) - int((waits.end == End.BUSY).sum()) - int((abandoned & (waits.wait < SHORT)).sum())
        return float((answered & (waits.wait <= target)).sum()) / patient if patient else float("nan")

    return share


def quantile(percent: int) -> Measure:
    return lambda waits: service(waits).quantiles[percent]


def mean_wait(waits: Episodes) -> float:
    """Of answered calls."""
    answered = waits.wait[waits.end == End.ANSWERED]
    return float(answered.mean()) if len(answered) else float("nan")


def mean_hold(waits: Episodes) -> float:
    return service(waits).mean_held


def abandoned(waits: Episodes) -> float:
    return service(waits).abandon_rate


def never_answered(waits: Episodes) -> float:
    """Of all that rang, busy tones included."""
    return 1 - float((waits.end == End.ANSWERED).mean()) if len(waits) else float("nan")


MEASURES: dict[str, Measure] = {
    "qs20": qs(20),
    "qs30": qs(30),
    "qs60": qs(60),
    "mean_wait": mean_wait,
    "p90_wait": quantile(90),
    "abandoned": abandoned,
    "never_answered": never_answered,
    "mean_hold": mean_hold,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One measure of two organisations."""

    before: Interval
    after: Interval
    difference: Interval

    @property
    def established(self) -> bool:
        """They differ, with 95 % confidence."""
        return not isnan(self.difference.half_width) and not self.difference.holds(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Replication k of one is that of the other. A replication where the measure means nothing in one of both (nobody
    came) is left out of the difference.
    """

    before: Results
    after: Results

    def reversed(self) -> "Comparison":
        return Comparison(before=self.after, after=self.before)

    def read(self, measure: Measure, level: Level) -> "Reading":
        before, after = self.before.each(measure, level=level), self.after.each(measure, level=level)
        apart = [late - early for early, late in zip(before, after, strict=True)]
        return Reading(before=interval(before), after=interval(after), difference=interval(apart))

    def values(self, measure: Measure, level: Level) -> tuple[Interval, Interval]:
        found = self.read(measure, level)
        return found.before, found.after

    def difference(self, measure: Measure, level: Level) -> Interval:
        return self.read(measure, level).difference

    def differs(self, measure: Measure, level: Level) -> bool:
        return self.read(measure, level).established


def compare(before: Scenario, after: Scenario, *, replications: int | None = None, engine: Engine = play) -> Comparison:
    """`replications` and the seed of `before` serve both. At least two replications, else nothing could be said."""
    return compare_to(simulate(before, replications=replications, engine=engine), after, engine=engine)


def compare_to(first: Results, after: Scenario, *, engine: Engine = play, spread: Spread = map) -> Comparison:
    """The same, when the first has already been played."""
    after_it = simulate(after, replications=comparable(first), seed=first.seed, engine=engine, spread=spread)
    return Comparison(before=first, after=after_it)


def comparable(first: Results) -> int:
    """Its replications, enough of them for a difference to have an interval."""
    return comparable_count(first.replications)


def comparable_count(count: int) -> int:
    if count < 2:
        raise ScenarioError("réplications", f"{count} ; il en faut au moins 2 pour comparer.")
    return count
