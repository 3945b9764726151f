"""The core: one method per event, then distribution."""

from .commands import AgentPaused, CancelOffer, Command, Connect, Divert, DropLeg, HoldCaller, Offer, ReleaseCaller
from .events import (
    AgentAnswered,
    AgentAvailable,
    AgentFreed,
    AgentHungUp,
    AgentMissed,
    AgentUnavailable,
    BriefingEnded,
    CallArrived,
    CallerHungUp,
    Event,
    Handover,
    PriorityChanged,
    TransferRequested,
    WrapUpEnded,
)
from .matching import Matching
from .rules import Id, Rules, RulesError
from .state import Agent, Alarm, Alarms, Call, Leg, Post, State, agents_under


class Core:
    """`handle` and `tick` return what the shell must do, in order; `next_deadline` says when to call `tick`."""

    def __init__(self, rules: Rules, *, state: State | None = None) -> None:
        self.state = state or State.at_opening(rules)
        self._commands: list[Command] = []
        self._lay_out(rules)

    def _lay_out(self, rules: Rules) -> None:
        """What is computed from the rules and the state, and never written down."""
        self.rules = rules
        self._queues = {queue.name: queue for queue in rules.queues}
        self._matching = Matching(rules)
        for agent in self.state.agents.values():
            if agent.post is Post.IDLE:
                self._matching.add(agent)
        self._alarms = Alarms()
        self._thresholds = _thresholds(rules)
        self._set_alarms_again()

    def handle(self, now: float, *events: Event) -> list[Command]:
        """Events of one instant, then one distribution. An instant earlier than the last one counts as the last one:
        clocks step back, queues must not."""
        self.state.now = max(self.state.now, now)
        for event in events:
            self._apply(event)
        self._distribute()
        return self._said()

    def tick(self, now: float) -> list[Command]:
        self.state.now = max(self.state.now, now)
        rung = self._alarms.due(self.state.now)
        if any(alarm is Alarm.HELP for alarm, *_ in rung):
            self._distribute()
        for alarm, subject, name in rung:
            self._wake(alarm, subject, name)
        self._distribute()
        return self._said()

    def adopt(self, now: float, rules: Rules) -> list[Command]:
        """New rules in the middle of the day (an agent moved to another level, a reserve): they apply at once to calls
        that wait and agents who are idle; a call in progress ends as it was. Refuses to lose a queue or an agent that
        somebody is in."""
        self.state.now = max(self.state.now, now)
        self.state.agents = agents_under(rules, self.state)
        self._lay_out(rules)
        self._distribute()
        return self._said()

    def next_deadline(self) -> float | None:
        return self._alarms.next()

    def _said(self) -> list[Command]:
        said, self._commands = self._commands, []
        return said

    def _apply(self, event: Event) -> None:  # noqa: C901  (one line per event is the table to read)
        match event:
            case CallArrived():
                self._call_arrived(event)
            case CallerHungUp(call) if call in self.state.calls:
                self._caller_hung_up(self.state.calls[call])
            case AgentAnswered(leg) if leg in self.state.legs:
                self._agent_answered(leg)
            case AgentMissed(leg) if leg in self.state.legs:
                self._agent_missed(leg)
            case AgentHungUp(leg) if leg in self.state.legs:
                self._agent_hung_up(leg)
            case TransferRequested(leg=leg) if leg in self.state.legs:
                self._transfer_requested(event)
            case BriefingEnded(call) if call in self.state.calls:
                self._briefing_ended(self.state.calls[call])
            case AgentAvailable(agent) if agent in self.state.agents:
                self._agent_available(self.state.agents[agent])
            case AgentUnavailable(agent) if agent in self.state.agents:
                self._agent_unavailable(self.state.agents[agent])
            case WrapUpEnded(agent) if agent in self.state.agents:
                self._wrap_up_ended(self.state.agents[agent])
            case PriorityChanged(call, priority) if call in self.state.calls:
                self._priority_changed(self.state.calls[call], priority)
            case AgentFreed(agent) if agent in self.state.agents:
                self._agent_freed(self.state.agents[agent])

    # Calls

    def _call_arrived(self, event: CallArrived) -> None:
        if event.queue not in self._queues:
            raise RulesError(f"appel « {event.call} » : la file « {event.queue} » n’existe pas.")
        if event.call not in self.state.calls:
            call = Call(event.call, event.queue, event.priority, self.state.now, 0, on_line=event.on_line)
            self.state.calls[event.call] = call
            self._queue(call)

    def _queue(self, call: Call) -> None:
        self.state.calls_queued += 1
        call.since, call.order, call.leg = self.state.now, self.state.calls_queued, None
        self.state.place(call)
        self._set_call_alarms(call)

    def _caller_hung_up(self, call: Call) -> None:
        call.on_line = False
        if self._is_with_agent(call) or not call.call_back:
            self._end(call)

    def _is_with_agent(self, call: Call) -> bool:
        if call.keeper is not None:
            return True
        return call.leg is not None and self.state.agent_of(call.leg).post is not Post.RINGING

    def _end(self, call: Call) -> None:
        """Nobody is left in this call: whoever rang is cancelled, whoever talked or kept goes to wrap-up."""
        if call.leg is None:
            self.state.unplace(call)
        for leg in (call.leg, call.keeper):
            if leg is not None:
                self._leave(leg)
        del self.state.calls[call.name]

    def _leave(self, leg: int) -> None:
        agent = self.state.agent_of(leg)
        if agent.post is Post.RINGING:
            self._commands.append(CancelOffer(leg, agent.name))
            self._back_to_idle(agent)
        else:
            self._commands.append(DropLeg(self.state.legs[leg].call, leg, agent.name))
            self._wrap_up(agent, self._queues[self.state.legs[leg].queue].wrap_up_limit)
        del self.state.legs[leg]

    def _priority_changed(self, call: Call, priority: int) -> None:
        if call.leg is None:
            self.state.unplace(call)
            call.priority = priority
            self.state.place(call)
        else:
            call.priority = priority

    # Legs

    def _agent_answered(self, leg: int) -> None:
        agent, call = self.state.agent_of(leg), self.state.calls[self.state.legs[leg].call]
        if agent.post is not Post.RINGING:
            return
        agent.missed = 0
        self._post(agent, Post.TALKING)
        if call.keeper is not None:
            self._post(agent, Post.BRIEFING)
            self._post(self.state.agent_of(call.keeper), Post.BRIEFING)
        called_back = not call.on_line
        call.on_line = True
        self._commands.append(Connect(call.name, leg, agent.name, call.keeper, called_back))

    def _agent_missed(self, leg: int) -> None:
        agent, call = self.state.agent_of(leg), self.state.calls[self.state.legs[leg].call]
        if agent.post is not Post.RINGING:
            return
        self._commands.append(CancelOffer(leg, agent.name))
        del self.state.legs[leg]
        agent.missed += 1
        if agent.missed >= self.rules.missed_limit:
            agent.leaving, agent.missed = True, 0
            self._commands.append(AgentPaused(agent.name))
        agent.idle_since = self.state.now
        self._back_to_idle(agent)
        self._return(call)

    def _return(self, call: Call) -> None:
        """To its old place."""
        call.leg = None
        self.state.place(call)
        self._set_call_alarms(call)

    def _agent_hung_up(self, leg: int) -> None:
        agent, call = self.state.agent_of(leg), self.state.calls[self.state.legs[leg].call]
        match agent.post:
            case Post.RINGING:
                self._agent_missed(leg)
            case Post.HOLDING:
                self._keeper_gives_up(call)
            case Post.BRIEFING if leg == call.keeper:
                self._briefing_ended(call)
            case Post.BRIEFING:
                self._briefed_one_gives_up(call)
            case _:
                self._commands.append(ReleaseCaller(call.name))
                self._end(call)

    def _keeper_gives_up(self, call: Call) -> None:
        if call.keeper is not None:
            self._leave(call.keeper)
            call.keeper = None
            self._commands.append(HoldCaller(call.name))
            self._set_call_alarms(call)

    def _briefed_one_gives_up(self, call: Call) -> None:
        """The keeper has the caller again."""
        if call.leg is not None and call.keeper is not None:
            self._leave(call.leg)
            call.leg, call.keeper = call.keeper, None
            self._post(self.state.agent_of(call.leg), Post.TALKING)

    def _briefing_ended(self, call: Call) -> None:
        if call.keeper is None or call.leg is None or self.state.agent_of(call.leg).post is not Post.BRIEFING:
            return
        self._leave(call.keeper)
        call.keeper = None
        self._post(self.state.agent_of(call.leg), Post.TALKING)

    def _transfer_requested(self, event: TransferRequested) -> None:
        call = self.state.calls[self.state.legs[event.leg].call]
        if event.queue not in self._queues:
            raise RulesError(f"transfert de « {call.name} » : la file « {event.queue} » n’existe pas.")
        if self.state.agent_of(event.leg).post is not Post.TALKING:
            return
        call.queue, call.priority, call.call_back = event.queue, event.priority, event.call_back
        if event.handover is Handover.ATTENDED:
            call.keeper = event.leg
            self._post(self.state.agent_of(event.leg), Post.HOLDING)
        else:
            self._leave(event.leg)
            call.on_line = event.handover is Handover.BLIND
            self._commands.append(HoldCaller(call.name) if call.on_line else ReleaseCaller(call.name))
        if not call.on_line:
            call.call_back = True
        self._queue(call)

    # Agents

    def _post(self, agent: Agent, post: Post) -> None:
        if agent.post is Post.IDLE:
            self._matching.remove(agent)
        agent.post, agent.since = post, self.state.now
        if post is Post.IDLE:
            self._matching.add(agent)

    def _back_to_idle(self, agent: Agent) -> None:
        """Keeps `idle_since`: a caller who hangs up costs the agent nothing."""
        agent.leg = None
        self._post(agent, Post.OFF if agent.leaving else Post.IDLE)

    def _wrap_up(self, agent: Agent, limit: float | None) -> None:
        agent.leg, agent.wrap_up_until = None, None
        self._post(agent, Post.WRAP_UP)
        if limit is not None:
            agent.wrap_up_until = self.state.now + limit
            self._alarms.set(agent.wrap_up_until, Alarm.WRAP_UP, agent.number, agent.name)

    def _wrap_up_ended(self, agent: Agent) -> None:
        if agent.post is Post.WRAP_UP:
            agent.idle_since = self.state.now
            self._back_to_idle(agent)

    def _agent_available(self, agent: Agent) -> None:
        agent.leaving = False
        if agent.post is Post.OFF:
            agent.idle_since, agent.missed = self.state.now, 0
            self._post(agent, Post.IDLE)

    def _agent_unavailable(self, agent: Agent) -> None:
        agent.leaving = True
        if agent.post is Post.IDLE:
            self._post(agent, Post.OFF)

    def _agent_freed(self, agent: Agent) -> None:
        if agent.leg is not None:
            self._agent_hung_up(agent.leg)
        self._wrap_up_ended(agent)

    # Distribution

    def _distribute(self) -> None:
        while (chosen := self._matching.choose(self.state)) is not None:
            self._offer(chosen[0], self.state.agents[chosen[1]])

    def _offer(self, call: Call, agent: Agent) -> None:
        self.state.unplace(call)
        self.state.legs_made += 1
        leg = Leg(self.state.legs_made, call.name, agent.name, call.queue)
        self.state.legs[leg.number] = leg
        call.leg = agent.leg = leg.number
        self._post(agent, Post.RINGING)
        self._commands.append(Offer(call.name, leg.number, agent.name))
        self._set_ring_alarm(leg, since=self.state.now)

    # Alarms

    def _wake(self, alarm: Alarm, subject: int, name: Id) -> None:
        match alarm:
            case Alarm.DIVERT:
                self._divert(subject, name)
            case Alarm.RING if subject in self.state.legs:
                self._agent_missed(subject)
            case Alarm.WRAP_UP if _wrapped_up(self.state.agents[name], self.state.now):
                self._wrap_up_ended(self.state.agents[name])

    def _divert(self, order: int, name: Id) -> None:
        call = self.state.calls.get(name)
        if call and call.order == order and call.leg is None and call.on_line and call.keeper is None:
            self._commands.append(Divert(name))
            self._end(call)

    def _set_call_alarms(self, call: Call) -> None:
        for after in self._thresholds[call.queue]:
            self._alarms.set(call.since + after, Alarm.HELP, call.order, call.name)
        diverted = self._queues[call.queue].divert_after
        if diverted is not None and call.on_line and call.keeper is None:
            self._alarms.set(call.since + diverted, Alarm.DIVERT, call.order, call.name)

    def _set_alarms_again(self) -> None:
        """After a restart. Some have already rung: they do nothing."""
        for agent in self.state.agents.values():
            if agent.post is Post.WRAP_UP and agent.wrap_up_until is not None:
                self._alarms.set(agent.wrap_up_until, Alarm.WRAP_UP, agent.number, agent.name)
            if agent.post is Post.RINGING and agent.leg is not None:
                self._set_ring_alarm(self.state.legs[agent.leg], since=agent.since)
        for call in self.state.calls.values():
            if call.leg is None:
                self._set_call_alarms(call)

    def _set_ring_alarm(self, leg: Leg, *, since: float) -> None:
        limit = self._queues[leg.queue].ring_limit
        if limit is not None:
            self._alarms.set(since + limit, Alarm.RING, leg.number)


def _wrapped_up(agent: Agent, now: float) -> bool:
    """False for the alarm of an earlier wrap-up."""
    return agent.wrap_up_until is not None and agent.wrap_up_until <= now


def _thresholds(rules: Rules) -> dict[Id, list[float]]:
    """The waits after which somebody more may help, by queue."""
    waits: dict[Id, set[float]] = {queue.name: set() for queue in rules.queues}
    for agent in rules.agents:
        for skill in agent.skills:
            waits[skill.queue].add(skill.after)
    return {queue: sorted(given - {0}) for queue, given in waits.items()}
