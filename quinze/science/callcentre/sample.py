"""All the randomness of one replication, drawn ahead: the engines draw nothing.

One independent stream per (seed, replication, purpose, centre, step), so that two scenarios with the same seed give
the same caller the same patience and the same conversation, whatever else changes (common random numbers): call k of
a centre is always its k-th one, its time is the k-th point of a unit Poisson process read on the scenario's own clock.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import partial
from math import log1p, sqrt

import numpy as np

from .durations import NOTHING, Duration, Family, Floats
from .model import DAY_SLOTS, HOUR, SLOT, Arrivals, Background, CallClass, Centre, ClassRules, Scenario, Surge
from .plan import CLASSES, Ints, plan_steps

Bytes = np.ndarray[tuple[int, ...], np.dtype[np.int8]]


class Purpose(IntEnum):
    """Numbers are part of every stream: never renumber."""

    ARRIVAL = 0
    DAY = 1
    BUSYNESS = 2
    CLASS = 3
    GOES_ON = 4
    TALK = 5
    CONFERENCE = 6
    WRAP_UP = 7
    PATIENCE = 8
    LATER_PATIENCE = 9
    REDIAL = 10
    REDIAL_DELAY = 11
    TASK_ARRIVAL = 12
    TASK_DURATION = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """n rows (calls and background tasks) by rising arrival; S steps and K attempts of the plan. Seconds, float64.

    `arrival[n]` first call of the caller; `kind[n]` int8 (0–3 class, 4 + level task); `centre[n]` int32;
    `steps[n]` int8, how many steps this row goes through (1…S); `talk[n, S]` conversation at each step, without its
    briefing; `conference[n, S]` briefing on the way INTO each step (column 0 is 0); `wrap_up[n, S]`;
    `patience[n, K]` at the door, per attempt; `later_patience[n, S]` while waiting for each step (column 0 unused);
    infinity where nobody hangs up. `redial[n, K-1]` uniform, `redial_delay[n, K-1]` seconds, from attempt a to a + 1.
    All arrays are C-contiguous.
    """

    arrival: Floats
    kind: Bytes
    centre: Ints
    steps: Bytes
    talk: Floats
    conference: Floats
    wrap_up: Floats
    patience: Floats
    later_patience: Floats
    redial: Floats
    redial_delay: Floats

    def __len__(self) -> int:
        return len(self.arrival)


def draw(scenario: Scenario, *, replication: int = 0, seed: int | None = None) -> Sample:
    """The sample of one replication. `seed` replaces the scenario's."""
    source = Source(scenario.seed if seed is None else seed, replication)
    parts = [
        part
        for index, centre in enumerate(scenario.centres)
        for part in _of_centre(scenario, centre, index=index, source=source)
    ]
    return parts[0] if len(parts) == 1 else _merged(parts)


@dataclass(frozen=True, slots=True)
class Source:
    seed: int
    replication: int

    def stream(self, purpose: Purpose, centre: int, step: int = 0) -> np.random.Generator:
        key = (self.replication, int(purpose), centre, step)
        return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(self.seed, spawn_key=key)))


def _of_centre(scenario: Scenario, centre: Centre, *, index: int, source: Source) -> Iterator[Sample]:
    clock = _clock(scenario, centre, index=index, source=source)
    yield _calls(scenario, centre.arrivals, clock, index=index, source=source)
    for task in centre.background:
        if task.per_hour:
            yield _tasks(scenario, task, index=index, source=source)


# When they call


def _clock(scenario: Scenario, centre: Centre, *, index: int, source: Source) -> Floats:
    """Expected calls since time 0 at each end of a quarter-hour, [slots + 1], over-dispersion and surges included."""
    rates = np.array(centre.arrivals.per_slot, dtype=np.float64)
    rates *= _days(centre.arrivals, scenario.slots, source.stream(Purpose.DAY, index))
    rates *= _slots(centre.arrivals, scenario.slots, source.stream(Purpose.BUSYNESS, index))
    for surge in scenario.incidents:
        if isinstance(surge, Surge) and surge.centre in {None, centre.name}:
            rates[surge.start_slot : surge.end_slot] *= surge.factor
    return np.concatenate([[0.0], np.cumsum(rates)])


def _days(arrivals: Arrivals, slots: int, stream: np.random.Generator) -> Floats:
    if not arrivals.day_cv:
        return np.ones(slots)
    days, variance = -(-slots // DAY_SLOTS), log1p(arrivals.day_cv**2)
    shocks, kept = stream.standard_normal(days), arrivals.day_correlation
    for day in range(1, days):
        shocks[day] = kept * shocks[day - 1] + sqrt(1 - kept * kept) * shocks[day]
    return np.repeat(np.exp(sqrt(variance) * shocks - variance / 2), DAY_SLOTS)[:slots]


def _slots(arrivals: Arrivals, slots: int, stream: np.random.Generator) -> Floats:
    if not arrivals.slot_cv:
        return np.ones(slots)
    shape = arrivals.slot_cv**-2
    factors: Floats = stream.standard_gamma(shape, slots)
    factors /= shape
    return factors


def _instants(clock: Floats, stream: np.random.Generator, *, regular: bool = False) -> Floats:
    total = float(clock[-1])
    points = np.arange(0.5, total) if regular else _poisson(total, stream)
    instants: Floats = np.interp(points, clock, np.arange(len(clock)) * SLOT)
    return instants


def _poisson(total: float, stream: np.random.Generator) -> Floats:
    """Points of a unit Poisson process below `total`; the same ones first whatever the total."""
    gaps = stream.standard_exponential(int(total + 6 * sqrt(total)) + 20)
    while gaps.sum() < total:
        gaps = np.concatenate([gaps, stream.standard_exponential(1000)])
    points = np.cumsum(gaps)
    return points[: np.searchsorted(points, total)]


# Who they are and what happens to them


def _calls(scenario: Scenario, arrivals: Arrivals, clock: Floats, *, index: int, source: Source) -> Sample:
    arrival = _instants(clock, source.stream(Purpose.ARRIVAL, index), regular=arrivals.regular)
    kind = _classes(scenario, len(arrival), source.stream(Purpose.CLASS, index))
    callers = _Callers(scenario=scenario, kind=kind, centre=index, source=source)
    steps, attempts = plan_steps(scenario), 1 + scenario.redial.attempts
    return Sample(
        arrival=arrival,
        kind=kind,
        centre=np.full(len(kind), index, dtype=np.int32),
        steps=_lengths(callers, steps),
        talk=callers.seconds(Purpose.TALK, steps, _talk),
        conference=callers.seconds(Purpose.CONFERENCE, steps, _briefing),
        wrap_up=callers.seconds(Purpose.WRAP_UP, steps, partial(_wrap_up, scenario)),
        patience=callers.seconds(Purpose.PATIENCE, attempts, partial(_patience_at_the_door, scenario)),
        later_patience=callers.seconds(Purpose.LATER_PATIENCE, steps, partial(_later_patience, scenario)),
        redial=callers.uniforms(Purpose.REDIAL, attempts - 1),
        redial_delay=callers.seconds(Purpose.REDIAL_DELAY, attempts - 1, lambda _, __: scenario.redial.delay),
    )


def _classes(scenario: Scenario, n: int, stream: np.random.Generator) -> Bytes:
    ends = np.cumsum([rules.share for rules in scenario.classes])
    possible = [call for call in CallClass if scenario.classes[call].share]
    chosen = np.searchsorted(ends, stream.random(n), side="right")
    return np.minimum(chosen, possible[-1]).astype(np.int8)


def _lengths(callers: "_Callers", steps: int) -> Bytes:
    """Steps of each call: one more while the draw of the step says so."""
    length = np.ones(len(callers.kind), dtype=np.int8)
    for step in range(steps - 1):
        goes_on = np.array([_goes_on(rules, step) for rules in callers.scenario.classes])
        drawn = callers.source.stream(Purpose.GOES_ON, callers.centre, step).random(len(length))
        length += (length == step + 1) & (drawn < goes_on[callers.kind])
    return length


def _goes_on(rules: ClassRules, step: int) -> float:
    return rules.path[step].goes_on if step < len(rules.path) else 0.0


def _talk(rules: ClassRules, step: int) -> Duration:
    return rules.path[step].talk if step < len(rules.path) else NOTHING


def _briefing(rules: ClassRules, step: int) -> Duration:
    return rules.path[step - 1].conference if 0 < step < len(rules.path) else NOTHING


def _wrap_up(scenario: Scenario, rules: ClassRules, step: int) -> Duration:
    return scenario.levels[rules.path[step].level].wrap_up if step < len(rules.path) else NOTHING


def _patience_at_the_door(scenario: Scenario, rules: ClassRules, _attempt: int) -> Duration | None:
    return scenario.levels[rules.path[0].level].patience


def _later_patience(scenario: Scenario, rules: ClassRules, step: int) -> Duration | None:
    return scenario.levels[rules.path[step].level].patience if 0 < step < len(rules.path) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Callers:
    """The calls of one centre, and how to draw one column of figures after the other for all of them."""

    scenario: Scenario
    kind: Bytes
    centre: int
    source: Source

    def uniforms(self, purpose: Purpose, columns: int) -> Floats:
        drawn = np.empty((len(self.kind), columns))
        for column in range(columns):
            drawn[:, column] = self.source.stream(purpose, self.centre, column).random(len(self.kind))
        return drawn

    def seconds(self, purpose: Purpose, columns: int, duration: Callable[[ClassRules, int], Duration | None]) -> Floats:
        drawn = np.empty((len(self.kind), columns))
        for column in range(columns):
            of_class = [duration(rules, column) for rules in self.scenario.classes]
            drawn[:, column] = self._column(purpose, column, of_class)
        return drawn

    def _column(self, purpose: Purpose, column: int, of_class: list[Duration | None]) -> Floats:
        """Each family in use is drawn for everybody, so that no caller's figure depends on the classes of others."""
        used = {asked for asked, rules in zip(of_class, self.scenario.classes, strict=True) if rules.share}
        variates: dict[Family, Floats] = {}
        seconds = np.full(len(self.kind), np.inf)
        for asked in used:
            if asked is None:
                continue
            if asked.family not in variates:
                stream = self.source.stream(purpose, self.centre, column)
                variates[asked.family] = _variates(asked.family, stream, len(self.kind))
            if len(used) == 1:
                return asked.transform(variates[asked.family])
            members = np.array([given == asked for given in of_class])[self.kind]
            seconds[members] = asked.transform(variates[asked.family][members])
        return seconds


def _variates(family: Family, stream: np.random.Generator, n: int) -> Floats:
    match family:
        case Family.EXPONENTIAL:
            return stream.standard_exponential(n)
        case Family.LOGNORMAL:
            return stream.standard_normal(n)
        case Family.EMPIRICAL:
            return stream.random(n)
        case Family.FIXED:
            return np.zeros(n)


# Work that nobody waits for


def _tasks(scenario: Scenario, task: Background, *, index: int, source: Source) -> Sample:
    clock = np.arange(scenario.slots + 1, dtype=np.float64) * (task.per_hour * SLOT / HOUR)
    arrival = _instants(clock, source.stream(Purpose.TASK_ARRIVAL, index, task.level))
    n, steps, attempts = len(arrival), plan_steps(scenario), 1 + scenario.redial.attempts

    def first(purpose: Purpose, duration: Duration) -> Floats:
        column = np.zeros((n, steps))
        column[:, 0] = duration.transform(_variates(duration.family, source.stream(purpose, index, task.level), n))
        return column

    return Sample(
        arrival=arrival,
        kind=np.full(n, CLASSES + task.level, dtype=np.int8),
        centre=np.full(n, index, dtype=np.int32),
        steps=np.ones(n, dtype=np.int8),
        talk=first(Purpose.TASK_DURATION, task.duration),
        conference=np.zeros((n, steps)),
        wrap_up=np.zeros((n, steps)),
        patience=np.full((n, attempts), np.inf),
        later_patience=np.full((n, steps), np.inf),
        redial=np.ones((n, attempts - 1)),
        redial_delay=np.zeros((n, attempts - 1)),
    )


def _merged(parts: list[Sample]) -> Sample:
    """Calls and tasks of every centre by rising arrival; at the same instant, in the order of the parts."""
    columns = {field.name: [getattr(part, field.name) for part in parts] for field in fields(Sample)}
    order = np.argsort(np.concatenate(columns["arrival"]), kind="stable")
    return Sample(**{name: np.concatenate(given)[order] for name, given in columns.items()})
