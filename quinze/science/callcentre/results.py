"""What a simulation answers: service, waits, abandonments, holds, occupation, queues, with their uncertainty.

QS(T) is published with its three denominators, as centres never agree on one: calls presented; presented less those
who hung up within 15 s; answered. Busy tones never reached the switch and are counted apart.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Protocol, TypeVar

import numpy as np

from .durations import Floats
from .engine.general import play
from .episodes import End, Episodes, episodes, together
from .errors import whole
from .intervals import Interval, interval
from .log import Log
from .model import LARGEST_SEED, MOST_REPLICATIONS, Level, Scenario
from .plan import Plan, plan_of
from .presence import Presence, presence
from .sample import Sample, draw

Engine = Callable[[Plan, Sample], Log]
Part = TypeVar("Part")


class Spread(Protocol):
    """Plays replications somewhere and gives them back in order, as `map` does."""

    def __call__(self, task: Callable[[int], Part], numbers: Iterable[int], /) -> Iterable[Part]: ...


SHORT = 15
TARGETS = (20, 30, 60)
QUANTILES = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Counts, rates between 0 and 1, seconds; NaN where nothing happened. `qs[T]` is (of presented, of presented less
    short hang-ups, of answered). `quantiles` and `mean_wait` are of answered calls, `mean_stay` of those and of the
    abandoned. `held` are the calls whose agent kept the caller, for `mean_held` seconds.
    """

    presented: int
    busy: int
    short: int
    abandoned: int
    diverted: int
    answered: int
    unanswered: int
    qs: dict[int, tuple[float, float, float]]
    mean_wait: float
    mean_stay: float
    quantiles: dict[int, float]
    held: int
    mean_held: float

    @property
    def answered_rate(self) -> float:
        return _ratio(self.answered, self.presented)

    @property
    def abandon_rate(self) -> float:
        """Hung up after 15 s, of presented less short hang-ups."""
        return _ratio(self.abandoned - self.short, self.presented - self.short)


def service(given: Episodes) -> Service:
    answered = given.wait[given.end == End.ANSWERED]
    abandoned = given.wait[given.end == End.ABANDONED]
    busy, short = int((given.end == End.BUSY).sum()), int((abandoned < SHORT).sum())
    presented = len(given) - busy
    held = given.held[given.held > 0]
    return Service(
        presented=presented,
        busy=busy,
        short=short,
        abandoned=len(abandoned),
        diverted=int((given.end == End.DIVERTED).sum()),
        answered=len(answered),
        unanswered=int((given.end == End.UNANSWERED).sum()),
        qs={target: _qs(answered, target, presented, short) for target in TARGETS},
        mean_wait=_mean(answered),
        mean_stay=_mean(np.concatenate([answered, abandoned])),
        quantiles=dict(zip(QUANTILES, _quantiles(answered), strict=True)),
        held=len(held),
        mean_held=_mean(held),
    )


def _qs(answered: Floats, target: int, presented: int, short: int) -> tuple[float, float, float]:
    within = int((answered <= target).sum())
    return _ratio(within, presented), _ratio(within, presented - short), _ratio(within, len(answered))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _quantiles(values: Floats) -> list[float]:
    if not len(values):
        return [float("nan")] * len(QUANTILES)
    return [float(value) for value in np.percentile(values, QUANTILES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All replications of one scenario, warm-up and drain taken away. `presences` one per replication, of all slots;
    none where only the waits were asked."""

    scenario: Scenario
    seed: int
    plan: Plan
    replications: int
    waits: Episodes
    presences: list[Presence] = field(repr=False)
    _parts: dict[Level, list[Episodes]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def slots(self) -> range:
        return range(self.scenario.warm_up, self.scenario.slots)

    @property
    def levels(self) -> list[Level]:
        return [Level(level) for level in np.unique(self.waits.level)]

    def at(self, level: Level, *, slot: int | None = None, kind: int | None = None) -> Service:
        chosen = self.waits.level == level
        if slot is not None:
            chosen &= self.waits.slot == slot
        if kind is not None:
            chosen &= self.waits.kind == kind
        return service(self.waits.where(chosen))

    def each(self, measure: Callable[[Episodes], float], *, level: Level, slots: range | None = None) -> list[float]:
        """The measure of each replication, of the waits that begin in `slots` (all)."""
        parts = self._each(level)
        if slots is not None:
            parts = [part.where((part.slot >= slots.start) & (part.slot < slots.stop)) for part in parts]
        return [measure(part) for part in parts]

    def _each(self, level: Level) -> list[Episodes]:
        """The waits of a level by replication: several measures are taken of the same ones."""
        if level not in self._parts:
            mine = self.waits.where(self.waits.level == level)
            bounds = np.searchsorted(mine.replication, np.arange(self.replications + 1))  # put together in this order
            self._parts[level] = [mine.where(slice(start, end)) for start, end in pairwise(bounds)]
        return self._parts[level]

    def occupation(self) -> dict[str, Interval]:
        """Busy over staffed, by group ("centre / group" when there are several centres)."""
        kept = slice(self.scenario.warm_up, None)
        ratios = [p.busy[kept].sum(axis=0) / np.maximum(p.staffed[kept].sum(axis=0), 1e-9) for p in self.presences]
        return {
            name: interval([float(ratio[index]) for ratio in ratios])
            for index, name in enumerate(group_names(self.scenario))
        }


def group_names(scenario: Scenario) -> list[str]:
    alone = len(scenario.centres) == 1
    return [
        group.name if alone else f"{centre.name} / {group.name}"
        for centre in scenario.centres
        for group in centre.groups
    ]


def simulate(
    scenario: Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    engine: Engine = play,
    spread: Spread = map,
) -> Results:
    """Independent replications of the scenario; both figures replace its own. `spread` plays them elsewhere (see
    `ensembles`) and gives them back in order: the results are the same."""
    count = scenario.replications if replications is None else replications
    whole(count, 1, MOST_REPLICATIONS, place="réplications")
    seed, plan = scenario.seed if seed is None else seed, plan_of(scenario)
    whole(seed, 0, LARGEST_SEED, place="graine")
    played = list(spread(partial(replication, scenario, plan, seed, engine), range(count)))
    return Results(
        scenario=scenario,
        seed=seed,
        plan=plan,
        replications=count,
        waits=together([waits for waits, _ in played]),
        presences=[present for _, present in played],
    )


def replication(scenario: Scenario, plan: Plan, seed: int, engine: Engine, number: int) -> tuple[Episodes, Presence]:
    """One replication, with nothing but its arguments: any process may play it."""
    sample = draw(scenario, replication=number, seed=seed)
    log = engine(plan, sample)
    return counted(scenario, episodes(plan, sample, log)), presence(plan, sample, log)


def counted(scenario: Scenario, waits: Episodes) -> Episodes:
    """Without the warm-up, nor what comes after the last slot."""
    return waits.where((waits.slot >= scenario.warm_up) & (waits.slot < scenario.slots))


def by_slot(results: Results) -> Iterator[tuple[int, Level, Service]]:
    """Each quarter-hour and level, all replications together."""
    key = results.waits.slot.astype(np.int64) * len(Level) + results.waits.level
    sorted_waits = results.waits.where(np.argsort(key, kind="stable"))
    keys = [(slot, level) for slot in results.slots for level in results.levels]
    wanted = np.array([slot * len(Level) + level for slot, level in keys])
    starts, ends = (np.searchsorted(np.sort(key), wanted, side=side) for side in ("left", "right"))
    for (slot, level), start, end in zip(keys, starts, ends, strict=True):
        yield slot, level, service(sorted_waits.where(slice(start, end)))
