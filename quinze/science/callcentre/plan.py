"""A scenario flattened to arrays, for engines. Nothing here is random.

Kinds of rows: 0–3 are the call classes V, A, S, X; 4 + level is a background task of that level. A queue is
`centre * LEVELS + level`. Agents are numbered over centres, then groups, then ranks: their number breaks ties.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from .model import SLOT, Absence, Group, Handover, Level, Outage, Pooling, Scenario, Step

LEVELS = len(Level)
CLASSES = 4
KINDS = CLASSES + LEVELS
NO_LIMIT = 2**31 - 1

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Ints = np.ndarray[tuple[int, ...], np.dtype[np.int32]]
Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """K kinds (10), S steps at most, C centres, L levels (6), Q = C·L queues, G groups, A agents, T thresholds.

    `horizon` seconds; `boundary[b]` the instants where staffing changes, `on_duty[b, G]` the agents there from then on
    (boundary 0 is time 0). `tier[G, Q]` −1 where the group does not serve; `after[G, Q]` seconds a call must have
    waited; `guards[G, Q]` its idle agents count for the reserve of the queue. `thresholds[Q, T]` distinct positive
    `after` of the queue, rising, padded with infinity. `divert_after[L]` infinity where nobody is diverted.
    Outages are rows (start, end) of the centre `outage_centre`. `attempts` is the most times one caller calls (≥ 1).
    """

    slots: int
    horizon: float
    centres: int
    steps: int
    length: Ints  # [K]
    level: Ints  # [K, S], −1 after the end of the path
    priority: Ints  # [K, S]
    handover: Ints  # [K, S], how step s passes to s + 1
    answer_delay: Floats  # [L]
    divert_after: Floats  # [L]
    call_back: Flags  # [L]
    reserve: Ints  # [Q]
    group_centre: Ints  # [G]
    tier: Ints  # [G, Q]
    after: Floats  # [G, Q]
    guards: Flags  # [G, Q]
    thresholds: Floats  # [Q, T]
    agent_group: Ints  # [A]
    agent_rank: Ints  # [A], on duty when below on_duty of its group
    boundary: Floats  # [B]
    on_duty: Ints  # [B, G]
    outage_centre: Ints  # [O]
    outage: Floats  # [O, 2]
    trunks: Ints  # [C]
    attempts: int
    redial_after_abandon: float
    redial_after_busy: float


def plan_of(scenario: Scenario) -> Plan:
    paths = [rules.path for rules in scenario.classes]
    steps = plan_steps(scenario)
    groups = [(index, group) for index, centre in enumerate(scenario.centres) for group in centre.groups]
    tier, after = _skills(groups, scenario)
    boundary, on_duty = _shifts(scenario)
    sizes = [max(group.agents) for _, group in groups]
    outages = [
        (index, incident.start, incident.end)
        for incident in scenario.incidents
        if isinstance(incident, Outage)
        for index, centre in enumerate(scenario.centres)
        if incident.centre in {None, centre.name}
    ]
    return Plan(
        slots=scenario.slots,
        horizon=scenario.slots * SLOT,
        centres=len(scenario.centres),
        steps=steps,
        length=_ints([min(len(path), steps) for path in paths] + [1] * LEVELS),
        level=_by_kind(paths, steps, [int(level) for level in Level], lambda step: int(step.level), pad=-1),
        priority=_by_kind(paths, steps, _background_priorities(scenario), lambda step: step.priority, pad=0),
        handover=_by_kind(paths, steps, [0] * LEVELS, lambda step: int(step.handover), pad=int(Handover.BLIND)),
        answer_delay=np.array([rules.answer_delay for rules in scenario.levels], dtype=np.float64),
        divert_after=np.array([rules.divert_after or np.inf for rules in scenario.levels], dtype=np.float64),
        call_back=np.array([rules.call_back for rules in scenario.levels], dtype=np.bool_),
        reserve=_ints([rules.reserve for rules in scenario.levels] * len(scenario.centres)),
        group_centre=_ints([centre for centre, _ in groups]),
        tier=tier,
        after=after,
        guards=(tier >= 0) & (after == 0),
        thresholds=_thresholds(tier, after),
        agent_group=_ints([index for index, size in enumerate(sizes) for _ in range(size)]),
        agent_rank=_ints([rank for size in sizes for rank in range(size)]),
        boundary=boundary,
        on_duty=on_duty,
        outage_centre=_ints([row[0] for row in outages]),
        outage=np.array([row[1:] for row in outages], dtype=np.float64).reshape(-1, 2),
        trunks=_ints([centre.trunks or NO_LIMIT for centre in scenario.centres]),
        attempts=1 + scenario.redial.attempts,
        redial_after_abandon=float(scenario.redial.after_abandon),
        redial_after_busy=float(scenario.redial.after_busy),
    )


def plan_steps(scenario: Scenario) -> int:
    """The longest path among the classes that occur."""
    return max(len(rules.path) for rules in scenario.classes if rules.share)


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int32)


def _by_kind(
    paths: list[tuple[Step, ...]], steps: int, tasks: list[int], of: Callable[[Step], int], *, pad: int
) -> Ints:
    table = np.full((KINDS, steps), pad, dtype=np.int32)
    for kind, path in enumerate(paths):
        for index, step in enumerate(path[:steps]):
            table[kind, index] = of(step)
    table[CLASSES:, 0] = tasks
    return table


def _background_priorities(scenario: Scenario) -> list[int]:
    """One per level over all centres: the last one given (centres of one scenario share their organisation)."""
    given = {task.level: task.priority for centre in scenario.centres for task in centre.background}
    return [given.get(level, 0) for level in Level]


def _skills(groups: list[tuple[int, Group]], scenario: Scenario) -> tuple[Ints, Floats]:
    queues = len(scenario.centres) * LEVELS
    tier = np.full((len(groups), queues), -1, dtype=np.int32)
    after = np.zeros((len(groups), queues), dtype=np.float64)
    for index, (centre, group) in enumerate(groups):
        for rank, skill in enumerate(group.skills):
            own = centre * LEVELS + skill.level
            tier[index, own], after[index, own] = rank, skill.after
            for other, other_tier, wait in _abroad(scenario.pooling, skill.level, rank, len(group.skills)):
                for queue in range(other, queues, LEVELS):
                    if queue != own:
                        tier[index, queue], after[index, queue] = other_tier, max(wait, skill.after)
    return tier, after


def _abroad(pooling: Pooling | None, level: Level, rank: int, skills: int) -> list[tuple[int, int, float]]:
    """In one virtual queue the other centres' calls are like one's own; else they come after all one's own."""
    if pooling is None or level not in pooling.levels:
        return []
    return [(int(level), rank + (skills if pooling.after else 0), pooling.after)]


def _thresholds(tier: Ints, after: Floats) -> Floats:
    by_queue = [
        sorted({float(wait) for wait, served in zip(after[:, q], tier[:, q], strict=True) if served >= 0 and wait > 0})
        for q in range(tier.shape[1])
    ]
    table = np.full((len(by_queue), max(len(waits) for waits in by_queue)), np.inf, dtype=np.float64)
    for queue, waits in enumerate(by_queue):
        table[queue, : len(waits)] = waits
    return table


def _shifts(scenario: Scenario) -> tuple[Floats, Ints]:
    columns = [_present(scenario, centre.name, group) for centre in scenario.centres for group in centre.groups]
    rows = list(zip(*columns, strict=True))
    starts = [next(run)[0] for _, run in groupby(enumerate(rows), key=lambda item: item[1])]
    boundary = np.array(starts, dtype=np.float64) * SLOT
    return boundary, np.array([rows[start] for start in starts], dtype=np.int32)


def _present(scenario: Scenario, centre: str, group: Group) -> list[int]:
    present = list(group.agents)
    for absence in scenario.incidents:
        if isinstance(absence, Absence) and absence.group == group.name and absence.centre in {None, centre}:
            for slot in range(absence.start_slot, absence.end_slot):
                present[slot] = max(0, present[slot] - absence.agents)
    return present
