"""A crisis to drill: what strikes a room, what is answered, each as one changed scenario with the same callers.

Both act on the first centre of the scenario; the others are its neighbours, whom nothing strikes. Slots are
quarter-hours of the scenario, the last one excluded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .drills import more_agents
from .errors import ScenarioError, whole, within
from .model import MOST_AGENTS, Centre, Group, Handover, Incident, Level, Outage, Pooling, Scenario, Skill, Step, Surge

SECOND = (Level.N2_AMU, Level.N2_SNP)
LARGEST_CROWD = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Calls `factor` times as many, reached step by step over the first `ramp` quarter-hours."""

    factor: float
    start: int
    end: int
    ramp: int = 0

    def __post_init__(self) -> None:
        within(self.factor, 1, LARGEST_CROWD, place="afflux, facteur")
        whole(self.ramp, 0, max(0, self.end - self.start), place="afflux, montée", unit="quarts d’heure")

    @property
    def surges(self) -> tuple[Surge, ...]:
        steps = [
            Surge(factor=1 + (self.factor - 1) * rank / (self.ramp + 1), start_slot=slot, end_slot=slot + 1)
            for rank, slot in enumerate(range(self.start, self.start + self.ramp), 1)
        ]
        top = self.start + self.ramp
        return (*steps, *([Surge(factor=self.factor, start_slot=top, end_slot=self.end)] if top < self.end else []))


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """So many at a level, from a quarter-hour to another: missing, or called back to work."""

    level: Level
    agents: int
    start: int
    end: int

    def __post_init__(self) -> None:
        whole(self.agents, 1, MOST_AGENTS, place=f"personnes {self.level.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crisis:
    """`outage`: seconds from the start of the scenario when the telephone stops and works again."""

    crowd: Crowd | None = None
    outage: tuple[float, float] | None = None
    absent: tuple[People, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """`help_after`: from quarter-hour `help_from` on, the second level takes calls of the first that waited so many
    seconds. `pooled_after`: first-level
    calls of every centre are shared after as many. `call_back`: callers passed to N2 SNP hang up and are called back.
    `reserve`: idle agents of N2 AMU kept for vital calls.
    """

    recalled: tuple[People, ...] = ()
    help_after: float | None = None
    help_from: int = 0
    pooled_after: float | None = None
    call_back: bool = False
    reserve: int = 0


def struck(scenario: Scenario, crisis: Crisis) -> Scenario:
    """ScenarioError where more people are missing than are ever there."""
    ours = scenario.centres[0].name
    incidents: list[Incident] = [replace(surge, centre=ours) for surge in crisis.crowd.surges] if crisis.crowd else []
    if crisis.outage:
        incidents.append(Outage(start=crisis.outage[0], end=crisis.outage[1], centre=ours))
    for gone in crisis.absent:
        there = most_there(scenario, gone)
        if gone.agents > there:
            raise ScenarioError(
                f"absents {gone.level.name}", f"{gone.agents} ; au plus {there}, les postes tenus à ces heures."
            )
        scenario = more_agents(
            scenario, -gone.agents, level=gone.level, centre=ours, start_slot=gone.start, end_slot=gone.end
        )
    return replace(scenario, incidents=(*scenario.incidents, *incidents))


def most_there(scenario: Scenario, people: People) -> int:
    """Held at the level at once, at most, between these hours."""
    group = next((one for one in scenario.centres[0].groups if one.skills[0].level == people.level), None)
    return max(group.agents[people.start : people.end], default=0) if group else 0


Cover = tuple[Level, tuple[Level, ...]]


def covered(scenario: Scenario, covers: Sequence[Cover]) -> Scenario:
    """Where nobody holds a level, the first of those named beside it who are there take its calls too. The last thing
    to say of a scenario: whoever is recalled or missing counts.
    """
    ours, *others = scenario.centres
    held = {level: _held(ours, level, scenario.slots) for level in Level}
    also: dict[Level, list[tuple[Level, ...]]] = {level: [()] * scenario.slots for level in Level}
    for level, by in covers:
        if any(group.skills[0].level == level for group in ours.groups):
            for slot, count in enumerate(held[level]):
                taker = None if count else next((one for one in by if held[one][slot]), None)
                if taker is not None:
                    also[taker][slot] += (level,)
    groups = tuple(part for group in ours.groups for part in _taking(group, also[group.skills[0].level]))
    return replace(scenario, centres=(replace(ours, groups=groups), *others))


def _held(centre: Centre, level: Level, slots: int) -> list[int]:
    groups = [group.agents for group in centre.groups if group.skills[0].level == level]
    return [sum(heads) for heads in zip(*groups, strict=True)] or [0] * slots


def _taking(group: Group, also: Sequence[tuple[Level, ...]]) -> list[Group]:
    """One group for each list of what is taken besides, on duty in its quarter-hours."""
    known = {skill.level for skill in group.skills}
    found = []
    for levels in dict.fromkeys(also):
        more = tuple(Skill(level=level) for level in levels if level not in known)
        agents = tuple(count if here == levels else 0 for count, here in zip(group.agents, also, strict=True))
        name = ", ".join([group.name, *(f"et {level.name}" for level in levels)])
        found.append(Group(name=name, skills=(*group.skills, *more), agents=agents))
    return found


def responded(scenario: Scenario, response: Response) -> Scenario:
    ours = scenario.centres[0].name
    for come in response.recalled:
        scenario = more_agents(
            scenario, come.agents, level=come.level, centre=ours, start_slot=come.start, end_slot=come.end
        )
    if response.help_after is not None:
        scenario = _helped(scenario, response.help_after, response.help_from)
    if response.pooled_after is not None:
        scenario = _pooled(scenario, response.pooled_after)
    if response.call_back:
        vital, urgent, unplanned, fileless = scenario.classes
        path = tuple(map(_called_back, unplanned.path[:1])) + unplanned.path[1:]
        scenario = replace(scenario, classes=(vital, urgent, replace(unplanned, path=path), fileless))
    return _reserved(scenario, response.reserve) if response.reserve else scenario


def _helped(scenario: Scenario, after: float, start: int) -> Scenario:
    """Whoever helps goes on duty in a group of their own at `start`, and leaves the other, the call in hand ended."""
    ours, *others = scenario.centres
    groups = tuple(part for group in ours.groups for part in _helping(group, after, start))
    if groups == ours.groups:
        raise ScenarioError("entraide", "aucun second niveau qui puisse aider le décroché.")
    return replace(scenario, centres=(replace(ours, groups=groups), *others))


def _helping(group: Group, after: float, start: int) -> tuple[Group, ...]:
    levels = {skill.level for skill in group.skills}
    if group.skills[0].level not in SECOND or Level.N1 in levels:
        return (group,)
    skills = (*group.skills, Skill(level=Level.N1, after=after))
    before, then = group.agents[:start], group.agents[start:]
    helping = Group(name=f"{group.name}, entraide", skills=skills, agents=(0,) * start + then)
    return (replace(group, agents=before + (0,) * len(then)), helping) if any(before) else (helping,)


def _pooled(scenario: Scenario, after: float) -> Scenario:
    if len(scenario.centres) < 2:
        raise ScenarioError("aide d’un voisin", "aucun voisin dans le scénario.")
    return replace(scenario, pooling=Pooling(levels=(Level.N1,), after=after))


def _called_back(step: Step) -> Step:
    return replace(step, handover=Handover.CALLBACK) if step.goes_on else step


def _reserved(scenario: Scenario, agents: int) -> Scenario:
    first, amu, *_ = scenario.levels
    return replace(scenario, levels=(first, replace(amu, reserve=agents), *scenario.levels[2:]))
