"""Which waiting call goes to which idle agent, now. The whole policy of the room is these few lines."""

from bisect import insort
from dataclasses import dataclass, field

from .rules import Id, Rules, Skill
from .state import Agent, Call, State


@dataclass(slots=True)
class Crew:
    """Agents with the same skills. `idle`: (idle since, number, name), the one to ring first in front.
    `guards`: the queues whose reserve they are part of.
    """

    skills: dict[Id, Skill]
    guards: list[Id]
    idle: list[tuple[float, int, Id]] = field(default_factory=list)


class Matching:
    """What the rules say, laid out to be asked often."""

    def __init__(self, rules: Rules) -> None:
        self.reserves = {queue.name: queue.reserve for queue in rules.queues if queue.reserve}
        crews = {skills: self._crew(skills) for skills in {agent.skills: None for agent in rules.agents}}
        self.crews = list(crews.values())
        self.crew_of = {agent.name: crews[agent.skills] for agent in rules.agents}

    def _crew(self, skills: tuple[Skill, ...]) -> Crew:
        by_queue = {skill.queue: skill for skill in skills}
        return Crew(by_queue, [queue for queue in self.reserves if queue in by_queue and not by_queue[queue].after])

    def add(self, agent: Agent) -> None:
        insort(self.crew_of[agent.name].idle, (agent.idle_since, agent.number, agent.name))

    def remove(self, agent: Agent) -> None:
        self.crew_of[agent.name].idle.remove((agent.idle_since, agent.number, agent.name))

    def choose(self, state: State) -> tuple[Call, Id] | None:
        """The first call, in the order of service, that some idle agent can take, and the best agent for it: of the
        lowest tier, idle for the longest time, first in the rules."""
        ready = [crew for crew in self.crews if crew.idle]
        if not ready or not state.waiting:
            return None
        for call in state.heads():
            able = [(crew.skills[call.queue].tier, crew.idle[0]) for crew in ready if self._can(crew, call, state.now)]
            if able:
                return call, min(able)[1][2]
        return None

    def _can(self, crew: Crew, call: Call, now: float) -> bool:
        skill = crew.skills.get(call.queue)
        if skill is None or now < call.since + skill.after:
            return False
        return call.priority == 0 or all(self._spare(queue) for queue in crew.guards)

    def _spare(self, queue: Id) -> bool:
        """More idle agents than the reserve of the queue keeps."""
        return sum(len(crew.idle) for crew in self.crews if queue in crew.guards) > self.reserves[queue]
