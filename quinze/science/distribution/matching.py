"""Which waiting call goes to which idle agent, now. The whole policy of the room is these few lines."""

from collections.abc import Iterable

from .rules import Id, Rules, Skill
from .state import Agent, Call, Post, State


class Matching:
    """What the rules say, laid out to be asked often."""

    def __init__(self, rules: Rules) -> None:
        self.skills: dict[Id, dict[Id, Skill]] = {
            agent.name: {skill.queue: skill for skill in agent.skills} for agent in rules.agents
        }
        self.reserves = {queue.name: queue.reserve for queue in rules.queues if queue.reserve}
        self.guards: dict[Id, list[Id]] = {
            name: [queue for queue in self.reserves if queue in skills and not skills[queue].after]
            for name, skills in self.skills.items()
        }

    def choose(self, state: State, idle: Iterable[Agent]) -> tuple[Call, Agent] | None:
        """The first call, in the order of service, that some idle agent can take, and the best agent for it."""
        idle = list(idle)
        for call in state.heads():
            able = [agent for agent in idle if self._can(agent, call, state.now, idle)]
            if able:
                return call, min(able, key=lambda agent: self._rank(agent, call))
        return None

    def _rank(self, agent: Agent, call: Call) -> tuple[int, float, int]:
        return self.skills[agent.name][call.queue].tier, agent.idle_since, agent.number

    def _can(self, agent: Agent, call: Call, now: float, idle: list[Agent]) -> bool:
        skill = self.skills[agent.name].get(call.queue)
        if skill is None or now < call.since + skill.after:
            return False
        return call.priority == 0 or all(self._spare(queue, idle) for queue in self.guards[agent.name])

    def _spare(self, queue: Id, idle: list[Agent]) -> bool:
        """More idle agents than the reserve of the queue keeps."""
        return sum(queue in self.guards[agent.name] for agent in idle) > self.reserves[queue]


def idle_agents(state: State) -> list[Agent]:
    return [agent for agent in state.agents.values() if agent.post is Post.IDLE]
