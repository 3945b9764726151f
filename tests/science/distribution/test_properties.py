"""Whatever happens, in whatever order, late or twice."""

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.science.distribution import AgentRules, Core, QueueRules, Rules, Skill
from quinze.science.distribution.events import (
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
from quinze.science.distribution.journal import StateError, state_from_json, state_to_json
from quinze.science.distribution.state import Post

RULES = Rules(
    queues=(
        QueueRules(name="N1", divert_after=40, ring_limit=15),
        QueueRules(name="N2", reserve=1, wrap_up_limit=30),
    ),
    agents=(
        AgentRules(name="a", skills=(Skill(queue="N1"),)),
        AgentRules(name="b", skills=(Skill(queue="N2"), Skill(queue="N1", tier=1, after=10))),
        AgentRules(name="c", skills=(Skill(queue="N2"),)),
    ),
)
CALLS, LEGS = st.sampled_from(["u", "v", "w", "x", "y"]), st.integers(1, 12)
QUEUES, PRIORITIES = st.sampled_from(["N1", "N2"]), st.integers(0, 2)
AGENTS = st.sampled_from(["a", "b", "c"])
EVENTS = st.one_of(
    st.builds(CallArrived, CALLS, QUEUES, PRIORITIES, st.booleans()),
    st.builds(CallerHungUp, CALLS),
    st.builds(AgentAnswered, LEGS),
    st.builds(AgentMissed, LEGS),
    st.builds(AgentHungUp, LEGS),
    st.builds(TransferRequested, LEGS, QUEUES, PRIORITIES, st.sampled_from(Handover), st.booleans()),
    st.builds(BriefingEnded, CALLS),
    st.builds(AgentAvailable, AGENTS),
    st.builds(AgentUnavailable, AGENTS),
    st.builds(WrapUpEnded, AGENTS),
    st.builds(PriorityChanged, CALLS, PRIORITIES),
    st.builds(AgentFreed, AGENTS),
)
DAYS = st.lists(st.tuples(st.integers(0, 8), EVENTS), max_size=40)


def opened() -> Core:
    core = Core(RULES)
    core.handle(0, *[AgentAvailable(agent.name) for agent in RULES.agents])
    return core


def played(core: Core, day: list[tuple[int, Event]]) -> list[object]:
    """The alarms ring when they are due, as a shell would do."""
    now, said = core.state.now, []
    for wait, event in day:
        now += wait
        while (alarm := core.next_deadline()) is not None and alarm <= now:
            said += core.tick(alarm)
        said += core.handle(now, event)
        coherent(core)
    return said


def coherent(core: Core) -> None:
    """No agent in two calls, no call lost: each is in one line, or rung for, or talked to, by agents who know it."""
    state = core.state
    in_line = Counter(name for line in state.waiting.values() for _, name in line)
    assert set(in_line) == {call.name for call in state.calls.values() if call.leg is None}
    assert set(in_line.values()) <= {1}
    held = [leg for call in state.calls.values() for leg in (call.leg, call.keeper) if leg is not None]
    assert sorted(held) == sorted(state.legs)
    assert sorted(state.legs) == sorted(agent.leg for agent in state.agents.values() if agent.leg is not None)
    for agent in state.agents.values():
        assert (agent.leg is None) == (agent.post in {Post.OFF, Post.IDLE, Post.WRAP_UP})
    served(core)


def served(core: Core) -> None:
    """An idle agent and a call that may have them never stay face to face."""
    idle = {name for name, agent in core.state.agents.items() if agent.post is Post.IDLE}
    if "a" in idle:
        assert not any(queue == "N1" for queue, _ in core.state.waiting)
    if idle & {"b", "c"}:
        assert ("N2", 0) not in core.state.waiting
    if idle >= {"b", "c"}:
        assert not any(queue == "N2" for queue, _ in core.state.waiting)


@settings(max_examples=80, deadline=None)
@given(DAYS)
def test_no_call_is_lost_and_no_agent_is_in_two(day):
    played(opened(), day)


@settings(max_examples=30, deadline=None)
@given(DAYS, DAYS)
def test_a_state_written_down_and_read_again_goes_on_the_same(morning, evening):
    core = opened()
    played(core, morning)
    written = json.loads(json.dumps(state_to_json(core.state)))
    resumed = Core(RULES, state=state_from_json(written, RULES))
    assert played(resumed, evening) == played(core, evening)
    assert state_to_json(resumed.state) == state_to_json(core.state)


@settings(max_examples=30, deadline=None)
@given(DAYS)
def test_a_day_replayed_gives_the_same_commands(day):
    assert played(opened(), day) == played(opened(), day)


def in_a_call() -> dict[str, object]:
    core = opened()
    core.handle(1, CallArrived("u", "N1"))
    return state_to_json(core.state)


@pytest.mark.parametrize(
    "spoiled",
    [
        {},
        {"version": 2},
        in_a_call() | {"agents": [{"name": "a"}]},
        in_a_call() | {"agents": None},
        in_a_call() | {"legs": []},
        in_a_call() | {"calls": []},
        in_a_call() | {"now": "hier"},
    ],
)
def test_a_spoiled_state_is_refused(spoiled):
    with pytest.raises(StateError):
        state_from_json(spoiled, RULES)


def test_an_agent_at_work_cannot_vanish_from_the_rules():
    fewer = Rules(queues=RULES.queues, agents=RULES.agents[1:])
    with pytest.raises(StateError, match="« a » est en poste"):
        state_from_json(in_a_call(), fewer)
