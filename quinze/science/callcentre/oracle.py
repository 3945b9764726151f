"""The slow engine: the distribution core of the switch, driven by a virtual clock.

Here live callers and agents: they ring, lose patience, talk, hang up. Who answers whom is the core's decision, and the
core cannot tell this world from a real one. The order of events is the law of decision 0049.
"""

from enum import IntEnum
from heapq import heappop, heappush

from quinze.science.distribution import AgentRules, Core, QueueRules, Rules, Skill
from quinze.science.distribution.commands import Command, Connect, Divert, Offer
from quinze.science.distribution.events import (
    AgentAnswered,
    AgentAvailable,
    AgentHungUp,
    AgentUnavailable,
    BriefingEnded,
    CallArrived,
    CallerHungUp,
    Event,
    Handover,
    TransferRequested,
    WrapUpEnded,
)

from .log import Door, Log
from .plan import CLASSES, LEVELS, Plan
from .sample import Sample


class Kind(IntEnum):
    """In this order at the same instant. 6 and 7 are the alarms of the core."""

    SHIFT = 0
    FREE = 1
    ANSWER = 2
    BRIEFED = 3
    DONE = 4
    ARRIVE = 5
    ALARM = 6
    PATIENCE = 8


def play(plan: Plan, sample: Sample) -> Log:
    """Every call of the sample to its end, or until nothing more can happen. About 20,000 calls a second."""
    world = World(plan, sample)
    while world.turn():
        pass
    return world.log


def rules_of(plan: Plan) -> Rules:
    """Agents and queues under the numbers of the plan."""
    queues = tuple(
        QueueRules(
            name=queue, reserve=int(plan.reserve[queue]), divert_after=_finite(plan.divert_after[queue % LEVELS])
        )
        for queue in range(plan.centres * LEVELS)
    )
    skills = [
        tuple(
            Skill(queue=queue, tier=int(plan.tier[group, queue]), after=float(plan.after[group, queue]))
            for queue in range(plan.centres * LEVELS)
            if plan.tier[group, queue] >= 0
        )
        for group in range(len(plan.tier))
    ]
    agents = tuple(AgentRules(name=number, skills=skills[group]) for number, group in enumerate(plan.agent_group))
    return Rules(queues=queues, agents=agents)


def _finite(seconds: float) -> float | None:
    return float(seconds) if seconds != float("inf") else None


class World:
    """`step` and `attempt` of each row are where it is now; `visit` changes each time it begins to wait; `trunk`: it
    holds an incoming line.
    """

    def __init__(self, plan: Plan, sample: Sample) -> None:
        self.plan, self.sample = plan, sample
        self.core = Core(rules_of(plan))
        self.log = Log.empty(plan, sample)
        self.now = 0.0
        self.step, self.attempt, self.visit = ([0] * len(sample) for _ in range(3))
        self.waiting, self.trunk = ([False] * len(sample) for _ in range(2))
        self.lines = [0] * plan.centres
        self.leg: dict[int, int] = {}
        self.events: list[tuple[float, int, int, int]] = [
            (float(at), Kind.ARRIVE, row, 0) for row, at in enumerate(sample.arrival)
        ]
        self.events += [(float(at), Kind.SHIFT, index, 0) for index, at in enumerate(plan.boundary)]
        self.events.sort()

    def turn(self) -> bool:
        """Plays the next event, of the world or of the core; False when there is none."""
        alarm = self.core.next_deadline()
        if alarm is not None and (not self.events or (alarm, Kind.ALARM) < self.events[0][:2]):
            self.now = max(self.now, alarm)
            self._carry_out(self.core.tick(self.now))
        elif self.events:
            self.now, kind, number, detail = heappop(self.events)
            self._play(Kind(kind), number, detail)
        else:
            return False
        return True

    def _later(self, seconds: float, kind: Kind, number: int, detail: int = 0) -> None:
        heappush(self.events, (self.now + float(seconds), kind, number, detail))

    def _play(self, kind: Kind, number: int, detail: int) -> None:
        match kind:
            case Kind.SHIFT:
                self._tell(*self._shift(number))
            case Kind.FREE:
                self._tell(WrapUpEnded(number))
            case Kind.ANSWER:
                self._tell(AgentAnswered(detail))
            case Kind.BRIEFED:
                self._briefed(number)
            case Kind.DONE:
                self._done(number)
            case Kind.ARRIVE:
                self._arrive(number)
            case Kind.PATIENCE:
                self._lose_patience(number, detail)

    def _tell(self, *events: Event) -> None:
        self._carry_out(self.core.handle(self.now, *events))

    def _carry_out(self, commands: list[Command]) -> None:
        for command in commands:
            match command:
                case Offer(call, leg, _):
                    level = self.plan.level[self._kind(int(call)), self.step[int(call)]]
                    self._later(self.plan.answer_delay[level], Kind.ANSWER, int(call), leg)
                case Connect(call, leg, agent, keeper, _):
                    self._connected(int(call), leg, int(agent), briefing=keeper is not None)
                case Divert(call):
                    self._diverted(int(call))

    # Agents

    def _shift(self, boundary: int) -> list[Event]:
        on_duty = self.plan.on_duty[boundary]
        return [
            AgentAvailable(number) if rank < on_duty[group] else AgentUnavailable(number)
            for number, (group, rank) in enumerate(zip(self.plan.agent_group, self.plan.agent_rank, strict=True))
        ]

    def _release(self, row: int, step: int) -> None:
        self.log.released[row, step] = self.now
        free = self.now + float(self.sample.wrap_up[row, step])
        self.log.free[row, step] = free
        heappush(self.events, (free, Kind.FREE, int(self.log.agent[row, step]), 0))

    # Callers

    def _kind(self, row: int) -> int:
        return int(self.sample.kind[row])

    def _queue(self, row: int) -> int:
        level = int(self.plan.level[self._kind(row), self.step[row]])
        return int(self.sample.centre[row]) * LEVELS + level

    def _priority(self, row: int) -> int:
        return int(self.plan.priority[self._kind(row), self.step[row]])

    def _arrive(self, row: int) -> None:
        is_task = self._kind(row) >= CLASSES
        self.log.presented[row, self.attempt[row]] = self.now
        if not is_task and not self._takes_a_line(row):
            self._left_the_door(row, Door.BUSY)
            return
        self._wait(row, self.sample.patience[row, self.attempt[row]])
        self._tell(CallArrived(row, self._queue(row), self._priority(row), on_line=not is_task))

    def _takes_a_line(self, row: int) -> bool:
        centre = int(self.sample.centre[row])
        down = any(
            start <= self.now < end
            for where, (start, end) in zip(self.plan.outage_centre, self.plan.outage, strict=True)
            if where == centre
        )
        if down or self.lines[centre] >= self.plan.trunks[centre]:
            return False
        self.lines[centre] += 1
        self.trunk[row] = True
        return True

    def _leaves_the_line(self, row: int) -> None:
        if self.trunk[row]:
            self.lines[int(self.sample.centre[row])] -= 1
            self.trunk[row] = False

    def _left_the_door(self, row: int, door: Door) -> None:
        attempt = self.attempt[row]
        self.log.left[row, attempt] = self.now
        self.log.door[row, attempt] = door
        plan = self.plan
        again = plan.redial_after_abandon if door is Door.ABANDONED else plan.redial_after_busy
        if attempt + 1 < plan.attempts and self.sample.redial[row, attempt] < again:
            self.attempt[row] += 1
            self._later(self.sample.redial_delay[row, attempt], Kind.ARRIVE, row)

    def _wait(self, row: int, patience: float = float("inf")) -> None:
        self.waiting[row] = True
        self.visit[row] += 1
        self.log.queued[row, self.step[row]] = self.now
        if patience != float("inf"):
            self._later(patience, Kind.PATIENCE, row, self.visit[row])

    def _lose_patience(self, row: int, visit: int) -> None:
        if not self.waiting[row] or self.visit[row] != visit:
            return
        step = self.step[row]
        self._leaves_the_line(row)
        if step:
            self.log.hung_up[row, step] = self.now
        self.waiting[row] = bool(step) and self._calls_back(row)
        self._tell(CallerHungUp(row))
        if step == 0:
            self._left_the_door(row, Door.ABANDONED)

    def _calls_back(self, row: int) -> bool:
        return bool(self.plan.call_back[self.plan.level[self._kind(row), self.step[row]]])

    def _diverted(self, row: int) -> None:
        self.waiting[row] = False
        self._leaves_the_line(row)
        self.log.diverted[row] = self.now

    # Conversations

    def _connected(self, row: int, leg: int, agent: int, *, briefing: bool) -> None:
        step = self.step[row]
        self.waiting[row] = False
        self.leg[row] = leg
        self.log.answered[row, step] = self.now
        self.log.agent[row, step] = agent
        if briefing:
            self._later(self.sample.conference[row, step], Kind.BRIEFED, row)
        else:
            self._later(self.sample.talk[row, step], Kind.DONE, row)

    def _briefed(self, row: int) -> None:
        step = self.step[row]
        self.log.briefed[row, step] = self.now
        self._release(row, step - 1)
        self._later(self.sample.talk[row, step], Kind.DONE, row)
        self._tell(BriefingEnded(row))

    def _done(self, row: int) -> None:
        step = self.step[row]
        self.log.ended[row, step] = self.now
        if step + 1 < self.sample.steps[row]:
            self._goes_on(row, Handover(int(self.plan.handover[self._kind(row), step])))
            return
        self.log.closed[row] = self.now
        self._release(row, step)
        self._leaves_the_line(row)
        self._tell(AgentHungUp(self.leg.pop(row)))

    def _goes_on(self, row: int, handover: Handover) -> None:
        step = self.step[row]
        if handover is not Handover.ATTENDED:
            self._release(row, step)
        if handover is Handover.CALLBACK:
            self._leaves_the_line(row)
        self.step[row] += 1
        alone = handover is Handover.BLIND
        self._wait(row, self.sample.later_patience[row, step + 1] if alone else float("inf"))
        self._tell(
            TransferRequested(
                self.leg[row], self._queue(row), self._priority(row), handover, call_back=self._calls_back(row)
            )
        )
