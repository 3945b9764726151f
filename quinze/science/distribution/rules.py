"""What a room decides beforehand: its queues, its agents, what each may answer."""

from collections.abc import Iterable
from dataclasses import dataclass

Id = int | str


class RulesError(ValueError):
    """A rule that cannot be applied, said in French."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRules:
    """Seconds. `reserve`: idle agents that only priority 0 may take. `divert_after`: who has waited so long, alone on
    the line, goes to the neighbour SAS. `ring_limit`: an agent who has not picked up by then missed the call.
    `wrap_up_limit`: wrap-up ends by itself. None: no such limit.
    """

    name: Id
    reserve: int = 0
    divert_after: float | None = None
    ring_limit: float | None = None
    wrap_up_limit: float | None = None

    def __post_init__(self) -> None:
        if self.reserve < 0:
            raise RulesError(f"file « {self.name} » : une réserve de {self.reserve} agents ; il faut 0 ou plus.")
        for seconds in (self.divert_after, self.ring_limit, self.wrap_up_limit):
            if seconds is not None and not seconds > 0:
                raise RulesError(f"file « {self.name} » : un délai de {seconds} s ; il faut plus de 0, ou aucun.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Agents of the lowest `tier` answer first; only calls that have waited `after` seconds."""

    queue: Id
    tier: int = 0
    after: float = 0.0

    def __post_init__(self) -> None:
        if self.tier < 0 or not self.after >= 0:
            raise RulesError(f"compétence « {self.queue} » : rang {self.tier}, délai {self.after} ; il faut 0 ou plus.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRules:
    name: Id
    skills: tuple[Skill, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The order of the agents decides between two who are otherwise equal. After `missed_limit` calls missed in a row
    an agent is paused: a telephone that nobody answers must not eat the queue.
    """

    queues: tuple[QueueRules, ...]
    agents: tuple[AgentRules, ...]
    missed_limit: int = 2

    def __post_init__(self) -> None:
        queues = _once(queue.name for queue in self.queues)
        _once(agent.name for agent in self.agents)
        for agent in self.agents:
            for name in _once(skill.queue for skill in agent.skills) - queues:
                raise RulesError(f"agent « {agent.name} » : la file « {name} » n’existe pas.")


def _once(names: Iterable[Id]) -> set[Id]:
    seen: set[Id] = set()
    for name in names:
        if name in seen:
            raise RulesError(f"« {name} » est donné deux fois.")
        seen.add(name)
    return seen
