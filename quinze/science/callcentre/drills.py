"""What if: the questions that a supervisor asks in the middle of the day, each as one changed scenario.

Nothing here says that more agents are always better: with priorities they are not (see docs/explanation/simulator.md).
"""

from dataclasses import replace

import numpy as np

from .compare import Comparison, comparable, compare_to
from .engine.general import play
from .errors import ScenarioError
from .model import MOST_AGENTS, SLOT_MINUTES, Absence, Arrivals, Centre, Group, Level, Outage, Scenario, Surge
from .results import Engine, Results, Spread, simulate
from .sweeps import waits_of

CRISIS_SLOTS = 8
DOWN_SLOTS = 2  # those that twenty minutes touch


def slot_at(scenario: Scenario, minute_of_day: int) -> int:
    """The first quarter-hour of the scenario at this time of day."""
    slot = (minute_of_day - scenario.starts_at) % (24 * 60) // SLOT_MINUTES
    if slot >= scenario.slots:
        raise ScenarioError("heure", "elle n’est pas dans le scénario.")
    return slot


def more_agents(
    scenario: Scenario,
    agents: int,
    *,
    level: Level,
    centre: str | None = None,
    start_slot: int = 0,
    end_slot: int | None = None,
) -> Scenario:
    """`agents` more (or less) in the first group whose first skill is the level, in one centre or in each."""
    window = range(start_slot, scenario.slots if end_slot is None else end_slot)
    centres = tuple(
        _staffed(given, agents, level=level, window=window) if centre in {None, given.name} else given
        for given in scenario.centres
    )
    if centres == scenario.centres and agents and window:
        raise ScenarioError("effectif", f"aucun groupe dont {level.name} soit le premier métier, ou personne à ôter.")
    return replace(scenario, centres=centres)


def _staffed(centre: Centre, agents: int, *, level: Level, window: range) -> Centre:
    groups = list(centre.groups)
    for index, group in enumerate(groups):
        if group.skills[0].level == level:
            groups[index] = _resized(group, agents, window)
            break
    return replace(centre, groups=tuple(groups))


def _resized(group: Group, agents: int, window: range) -> Group:
    heads = tuple(
        min(MOST_AGENTS, max(0, count + agents)) if slot in window else count for slot, count in enumerate(group.agents)
    )
    return replace(group, agents=heads)


def more_calls(scenario: Scenario, factor: float) -> Scenario:
    """1.2 is 20 % more, spread like those of the day."""
    return replace(
        scenario,
        centres=tuple(replace(centre, arrivals=_multiplied(centre.arrivals, factor)) for centre in scenario.centres),
    )


def _multiplied(arrivals: Arrivals, factor: float) -> Arrivals:
    return replace(arrivals, per_slot=tuple(rate * factor for rate in arrivals.per_slot))


def crisis(scenario: Scenario, *, start_slot: int, slots: int = CRISIS_SLOTS, factor: float = 4) -> Scenario:
    surge = Surge(factor=factor, start_slot=start_slot, end_slot=min(scenario.slots, start_slot + slots))
    return replace(scenario, incidents=(*scenario.incidents, surge))


def telephone_down(scenario: Scenario, *, start: float, minutes: float = 20) -> Scenario:
    """`start` in seconds."""
    return replace(scenario, incidents=(*scenario.incidents, Outage(start=start, end=start + 60 * minutes)))


def agents_absent(scenario: Scenario, *, group: str, agents: int = 3, start_slot: int = 0) -> Scenario:
    absence = Absence(group=group, agents=agents, start_slot=start_slot, end_slot=scenario.slots)
    return replace(scenario, incidents=(*scenario.incidents, absence))


def what_if(planned: Results, *, engine: Engine = play, spread: Spread = map) -> dict[str, Comparison]:
    """±1 agent at each staffed level and ±20 % calls, each compared with the day as planned, already played. Keys:
    "N1+1", "N2_AMU-1", "calls+20%", "calls-20%". Only waits are counted afterwards, not occupation.
    """
    scenario = planned.scenario
    changed = {"calls+20%": more_calls(scenario, 1.2), "calls-20%": more_calls(scenario, 0.8)}
    for level in _staffed_levels(scenario):
        for agents in (1, -1):
            changed[f"{level.name}{agents:+d}"] = more_agents(scenario, agents, level=level)
    count = comparable(planned)
    played = waits_of(changed, replications=count, seed=planned.seed, engine=engine, spread=spread)
    return {name: Comparison(before=planned, after=after) for name, after in played.items()}


def _staffed_levels(scenario: Scenario) -> list[Level]:
    """Where somebody is there to be taken away."""
    return sorted(
        {
            group.skills[0].level
            for centre in scenario.centres
            for group in centre.groups
            if any(count > 0 for count in group.agents)
        }
    )


def crisis_drill(
    scenario: Scenario,
    *,
    start_slot: int,
    slots: int = CRISIS_SLOTS,
    factor: float = 4,
    replications: int | None = None,
    engine: Engine = play,
) -> Comparison:
    planned = simulate(scenario, replications=replications, engine=engine)
    return compare_to(planned, crisis(scenario, start_slot=start_slot, slots=slots, factor=factor), engine=engine)


def recovery_slots(drill: Comparison, level: Level, *, end_slot: int, tolerance: float = 1.0) -> int | None:
    """Quarter-hours after `end_slot` until the mean queue is again within `tolerance` callers of the planned day's and
    stays there for two of them; None if that does not happen before the end of the day.
    """
    excess = mean_queue(drill.after, level) - mean_queue(drill.before, level)
    calm = excess[end_slot:] <= tolerance
    for index in range(len(calm) - 1):
        if calm[index] and calm[index + 1]:
            return index
    return None


def mean_queue(results: Results, level: Level) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """[slots], over the replications."""
    return np.asarray(np.mean([present.queue_mean[:, level] for present in results.presences], axis=0))
