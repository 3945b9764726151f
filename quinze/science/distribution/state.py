"""Where everybody is. Plain values only, so that a state can be written down and read again."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field, replace
from enum import StrEnum
from heapq import heappop, heappush

from .rules import Id, Rules, RulesError


class Post(StrEnum):
    """What an agent is doing."""

    OFF = "off"
    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"
    HOLDING = "holding"
    BRIEFING = "briefing"
    WRAP_UP = "wrap_up"


@dataclass(slots=True)
class Agent:
    """`number` is the place in the rules. `leaving`: off as soon as what is in progress is over."""

    name: Id
    number: int
    post: Post = Post.OFF
    since: float = 0.0
    idle_since: float = 0.0
    leaving: bool = False
    leg: int | None = None
    missed: int = 0
    wrap_up_until: float | None = None


@dataclass(slots=True)
class Call:
    """(`since`, `order`) is its place in the queue, kept when an offer fails. `leg` rings or talks; `keeper` is the leg
    of an agent who keeps the caller while the call waits or the briefing lasts.
    """

    name: Id
    queue: Id
    priority: int
    since: float
    order: int
    on_line: bool = True
    call_back: bool = False
    leg: int | None = None
    keeper: int | None = None

    @property
    def place(self) -> tuple[float, int]:
        return self.since, self.order


@dataclass(slots=True)
class Leg:
    """`queue`: the one the call was taken from."""

    number: int
    call: Id
    agent: Id
    queue: Id


@dataclass(slots=True)
class State:
    """`waiting` keeps, for each (queue, priority), the places and names of the calls that no agent rings for."""

    agents: dict[Id, Agent]
    now: float = 0.0
    legs_made: int = 0
    calls_queued: int = 0
    calls: dict[Id, Call] = field(default_factory=dict)
    legs: dict[int, Leg] = field(default_factory=dict)
    waiting: dict[tuple[Id, int], list[tuple[tuple[float, int], Id]]] = field(default_factory=dict)

    @classmethod
    def at_opening(cls, rules: Rules) -> "State":
        return cls({agent.name: Agent(agent.name, number) for number, agent in enumerate(rules.agents)})

    def agent_of(self, leg: int) -> Agent:
        return self.agents[self.legs[leg].agent]

    def place(self, call: Call) -> None:
        insort(self.waiting.setdefault((call.queue, call.priority), []), (call.place, call.name), key=_place)

    def unplace(self, call: Call) -> None:
        line = self.waiting[call.queue, call.priority]
        del line[bisect_left(line, call.place, key=_place)]
        if not line:
            del self.waiting[call.queue, call.priority]

    def heads(self) -> list[Call]:
        """The first call of each queue and priority, in the order in which they are served."""
        firsts = [self.calls[line[0][1]] for line in self.waiting.values()]
        return sorted(firsts, key=lambda call: (call.priority, call.place))


def agents_under(rules: Rules, state: State) -> dict[Id, Agent]:
    """The agents of the rules, where they are; the new ones are off. Whoever is at work, and each queue where a call
    is, must still be there."""
    queues = {queue.name for queue in rules.queues}
    for used in [*(call.queue for call in state.calls.values()), *(leg.queue for leg in state.legs.values())]:
        if used not in queues:
            raise RulesError(f"la file « {used} » n’est plus dans les règles et un appel y est.")
    kept = {agent.name for agent in rules.agents}
    for agent in state.agents.values():
        if agent.name not in kept and agent.post is not Post.OFF:
            raise RulesError(f"l’agent « {agent.name} » est en poste et n’est plus dans les règles.")
    known = State.at_opening(rules).agents
    return {name: replace(state.agents.get(name, new), number=new.number) for name, new in known.items()}


def _place(entry: tuple[tuple[float, int], Id]) -> tuple[float, int]:
    return entry[0]


class Alarm(StrEnum):
    """Why the core wants to be woken. In this order at the same instant."""

    HELP = "0-help"
    DIVERT = "1-divert"
    RING = "2-ring"
    WRAP_UP = "3-wrap-up"


@dataclass(slots=True)
class Alarms:
    """Instants to come. One that has lost its reason does nothing when it rings, so none is ever taken back."""

    heap: list[tuple[float, Alarm, int, Id]] = field(default_factory=list)

    def set(self, at: float, alarm: Alarm, subject: int, name: Id = 0) -> None:
        """`subject`: the order of a call in its queue, a leg, or the number of an agent."""
        heappush(self.heap, (at, alarm, subject, name))

    def next(self) -> float | None:
        return self.heap[0][0] if self.heap else None

    def due(self, now: float) -> list[tuple[Alarm, int, Id]]:
        rung = []
        while self.heap and self.heap[0][0] <= now:
            rung.append(heappop(self.heap)[1:])
        return rung
