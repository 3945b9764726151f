"""Who gets which call: each rule alone, on a room that one can hold in mind."""

import pytest

from quinze.science.distribution import AgentRules, Core, QueueRules, Rules, Skill
from quinze.science.distribution.commands import (
    AgentPaused,
    CancelOffer,
    Command,
    Connect,
    Divert,
    DropLeg,
    HoldCaller,
    Offer,
    ReleaseCaller,
)
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
    Handover,
    PriorityChanged,
    TransferRequested,
    WrapUpEnded,
)
from quinze.science.distribution.rules import RulesError
from quinze.science.distribution.state import Post


def room(*agents: str, reserve: int = 0, **limits: float) -> Core:
    """Agents named after their queues ("N1", "N2+N1"), available since second 0, in this order."""
    queues = (QueueRules(name="N1", **limits), QueueRules(name="N2", reserve=reserve))
    rules = tuple(
        AgentRules(
            name=f"{index}:{skills}",
            skills=tuple(Skill(queue=queue, tier=tier) for tier, queue in enumerate(skills.split("+"))),
        )
        for index, skills in enumerate(agents)
    )
    core = Core(Rules(queues=queues, agents=rules))
    core.handle(0, *[AgentAvailable(agent.name) for agent in rules])
    return core


def offered(commands: list[Command]) -> list[tuple[str, str]]:
    return [(str(said.call), str(said.agent)) for said in commands if isinstance(said, Offer)]


def talking(core: Core, now: float, call: str, queue: str = "N1") -> int:
    """The leg of a call that an agent has just answered."""
    (offer,) = [said for said in core.handle(now, CallArrived(call, queue)) if isinstance(said, Offer)]
    core.handle(now, AgentAnswered(offer.leg))
    return offer.leg


def post(core: Core, agent: str) -> Post:
    return core.state.agents[agent].post


def test_the_longest_idle_agent_rings_then_the_first_of_the_list():
    core = room("N1", "N1")
    leg = talking(core, 10, "a")
    core.handle(20, AgentHungUp(leg))
    core.handle(30, WrapUpEnded("0:N1"))
    assert offered(core.handle(40, CallArrived("b", "N1"))) == [("b", "1:N1")]
    assert offered(core.handle(41, CallArrived("c", "N1"))) == [("c", "0:N1")]


def test_agents_of_the_first_tier_answer_before_those_who_help():
    core = room("N2+N1", "N1")
    assert offered(core.handle(1, CallArrived("a", "N1"))) == [("a", "1:N1")]
    assert offered(core.handle(2, CallArrived("b", "N1"))) == [("b", "0:N2+N1")]


def test_a_free_agent_takes_the_first_priority_then_the_longest_wait_whatever_the_queue():
    core = room("N2+N1")
    leg = talking(core, 0, "first")
    for now, call, queue, priority in [(1, "n1", "N1", 1), (2, "n2", "N2", 1), (3, "vital", "N2", 0)]:
        core.handle(now, CallArrived(call, queue, priority))
    order = []
    for now in (10, 20, 30):
        core.handle(now, AgentHungUp(leg))
        (offer,) = [said for said in core.handle(now + 1, WrapUpEnded("0:N2+N1")) if isinstance(said, Offer)]
        core.handle(now + 2, AgentAnswered(offer.leg))
        order.append(offer.call)
        leg = offer.leg
    assert order == ["vital", "n1", "n2"]


def test_a_priority_changed_while_waiting_applies_at_once():
    core = room("N1")
    leg = talking(core, 0, "first")
    core.handle(1, CallArrived("a", "N1"))
    core.handle(2, CallArrived("b", "N1"))
    core.handle(3, PriorityChanged("b", 0))
    core.handle(4, AgentHungUp(leg))
    assert offered(core.handle(5, WrapUpEnded("0:N1"))) == [("b", "0:N1")]


def test_the_last_agents_of_a_reserve_are_for_priority_0():
    core = room("N2", "N2", reserve=1)
    assert offered(core.handle(1, CallArrived("a", "N2"))) == [("a", "0:N2")]
    assert offered(core.handle(2, CallArrived("b", "N2"))) == []
    assert offered(core.handle(3, CallArrived("vital", "N2", 0))) == [("vital", "1:N2")]


def test_who_helps_another_queue_does_not_empty_the_reserve_of_their_own():
    core = room("N2+N1", reserve=1)
    assert offered(core.handle(1, CallArrived("a", "N1"))) == []
    assert offered(core.handle(1, CallArrived("vital", "N2", 0))) == [("vital", "0:N2+N1")]


def test_help_comes_after_its_wait_and_not_before():
    queues = (QueueRules(name="N1"), QueueRules(name="N2"))
    agent = AgentRules(name="n2", skills=(Skill(queue="N2"), Skill(queue="N1", tier=1, after=30)))
    core = Core(Rules(queues=queues, agents=(agent,)))
    core.handle(0, AgentAvailable("n2"), CallArrived("a", "N1"))
    assert core.next_deadline() == 30
    assert core.tick(29) == []
    assert offered(core.tick(30)) == [("a", "n2")]


def test_a_caller_who_hangs_up_while_it_rings_costs_the_agent_nothing():
    core = room("N1", "N1")
    (offer,) = core.handle(5, CallArrived("a", "N1"))
    assert core.handle(6, CallerHungUp("a")) == [CancelOffer(1, "0:N1")]
    assert isinstance(offer, Offer)
    assert core.handle(6, AgentAnswered(offer.leg)) == []
    assert offered(core.handle(7, CallArrived("b", "N1"))) == [("b", "0:N1")]


def test_a_missed_call_keeps_its_place_and_goes_to_the_next_agent():
    core = room("N1", "N1", ring_limit=15.0)
    core.handle(1, CallArrived("a", "N1"))
    assert core.next_deadline() == 16
    assert core.tick(16) == [CancelOffer(1, "0:N1"), Offer("a", 2, "1:N1")]
    assert core.state.calls["a"].since == 1


def test_an_agent_who_misses_twice_is_paused_and_the_room_is_told():
    core = room("N1")
    core.handle(1, CallArrived("a", "N1"))
    core.handle(2, AgentMissed(1))
    assert core.handle(3, AgentMissed(2)) == [CancelOffer(2, "0:N1"), AgentPaused("0:N1")]
    assert post(core, "0:N1") is Post.OFF
    assert offered(core.handle(9, AgentAvailable("0:N1"))) == [("a", "0:N1")]


def test_a_blind_transfer_frees_the_agent_at_once():
    core = room("N1", "N2")
    leg = talking(core, 0, "a")
    assert core.handle(40, TransferRequested(leg, "N2")) == [
        DropLeg("a", 1, "0:N1"),
        HoldCaller("a"),
        Offer("a", 2, "1:N2"),
    ]
    assert post(core, "0:N1") is Post.WRAP_UP


def test_an_attended_transfer_keeps_the_first_agent_until_the_briefing_ends():
    core = room("N1", "N2")
    leg = talking(core, 0, "vital")
    core.handle(40, TransferRequested(leg, "N2", 0, Handover.ATTENDED))
    assert post(core, "0:N1") is Post.HOLDING
    assert core.handle(50, AgentAnswered(2)) == [Connect("vital", 2, "1:N2", 1, call_back=False)]
    assert core.handle(70, BriefingEnded("vital")) == [DropLeg("vital", 1, "0:N1")]
    assert (post(core, "0:N1"), post(core, "1:N2")) == (Post.WRAP_UP, Post.TALKING)


def test_the_one_who_keeps_the_caller_may_give_up_and_the_caller_still_waits():
    core = room("N1")
    leg = talking(core, 0, "vital")
    core.handle(40, TransferRequested(leg, "N2", 0, Handover.ATTENDED))
    assert core.handle(50, AgentHungUp(leg)) == [DropLeg("vital", 1, "0:N1"), HoldCaller("vital")]
    assert "vital" in core.state.calls


def test_when_the_briefed_one_hangs_up_the_first_has_the_caller_again():
    core = room("N1", "N2")
    leg = talking(core, 0, "vital")
    core.handle(40, TransferRequested(leg, "N2", 0, Handover.ATTENDED))
    core.handle(50, AgentAnswered(2))
    core.handle(55, AgentHungUp(2))
    assert (post(core, "0:N1"), post(core, "1:N2")) == (Post.TALKING, Post.WRAP_UP)
    assert core.handle(60, AgentHungUp(leg))[0] == ReleaseCaller("vital")


def test_who_hangs_up_while_kept_frees_everybody():
    core = room("N1", "N2")
    leg = talking(core, 0, "vital")
    core.handle(40, TransferRequested(leg, "N2", 0, Handover.ATTENDED))
    core.handle(45, CallerHungUp("vital"))
    assert (post(core, "0:N1"), post(core, "1:N2")) == (Post.WRAP_UP, Post.IDLE)
    assert core.state.calls == {}


def test_a_call_back_waits_without_its_caller_who_is_then_dialled():
    core = room("N1", "N2")
    leg = talking(core, 0, "a")
    said = core.handle(40, TransferRequested(leg, "N2", handover=Handover.CALLBACK))
    assert ReleaseCaller("a") in said
    assert core.handle(45, CallerHungUp("a")) == []
    assert core.handle(50, AgentAnswered(2)) == [Connect("a", 2, "1:N2", None, call_back=True)]


def test_who_hangs_up_after_the_door_keeps_their_place_for_a_call_back():
    core = room("N1")
    leg = talking(core, 0, "a")
    core.handle(40, TransferRequested(leg, "N2"))
    assert core.handle(60, CallerHungUp("a")) == []
    assert core.state.calls["a"].since == 40


def test_a_caller_alone_for_too_long_goes_to_the_neighbour_but_not_while_it_rings():
    core = room("N1", divert_after=60.0)
    core.handle(0, CallArrived("rings", "N1"))
    core.handle(1, CallArrived("waits", "N1"))
    assert core.tick(60) == []
    assert core.tick(61) == [Divert("waits")]
    assert list(core.state.calls) == ["rings"]


def test_a_pause_asked_during_a_call_waits_for_its_end():
    core = room("N1")
    leg = talking(core, 0, "a")
    core.handle(5, AgentUnavailable("0:N1"))
    assert post(core, "0:N1") is Post.TALKING
    core.handle(9, AgentHungUp(leg))
    core.handle(12, WrapUpEnded("0:N1"))
    assert post(core, "0:N1") is Post.OFF
    assert offered(core.handle(13, CallArrived("b", "N1"))) == []


def test_a_wrap_up_ends_by_itself_at_its_own_limit():
    core = room("N1", wrap_up_limit=20.0)
    leg = talking(core, 0, "a")
    core.handle(10, AgentHungUp(leg))
    core.handle(12, WrapUpEnded("0:N1"))
    leg = talking(core, 13, "b")
    core.handle(20, AgentHungUp(leg))
    core.tick(30)
    assert post(core, "0:N1") is Post.WRAP_UP
    core.tick(40)
    assert post(core, "0:N1") is Post.IDLE


def test_a_supervisor_frees_an_agent_whose_call_is_stuck():
    core = room("N1")
    talking(core, 0, "stuck")
    core.handle(900, AgentFreed("0:N1"))
    assert post(core, "0:N1") is Post.IDLE
    assert core.state.calls == {}


def test_an_agent_moved_to_another_level_takes_what_waits_there_at_once():
    core = room("N1", "N1")
    leg = talking(core, 0, "a")
    core.handle(5, CallArrived("waits", "N2"))
    moved = tuple(AgentRules(name=agent.name, skills=(Skill(queue="N2"),)) for agent in core.rules.agents)
    assert offered(core.adopt(9, Rules(queues=core.rules.queues, agents=moved))) == [("waits", "1:N1")]
    core.handle(20, AgentHungUp(leg))
    core.handle(21, CallArrived("next", "N2"))
    assert offered(core.handle(22, WrapUpEnded("0:N1"))) == [("next", "0:N1")]


def test_rules_that_would_lose_somebody_are_not_adopted():
    core = room("N1", "N2")
    talking(core, 0, "a")
    for agents, queues, said in [
        (core.rules.agents[1:], core.rules.queues, "« 0:N1 » est en poste"),
        ((), core.rules.queues[1:], "la file « N1 »"),
    ]:
        with pytest.raises(RulesError, match=said):
            core.adopt(1, Rules(queues=queues, agents=agents))
    assert offered(core.handle(2, CallArrived("b", "N2"))) == [("b", "1:N2")]


def test_late_and_repeated_events_do_nothing():
    core = room("N1")
    leg = talking(core, 0, "a")
    assert core.handle(1, CallArrived("a", "N1"), AgentAnswered(leg), AgentMissed(leg), BriefingEnded("a")) == []
    assert core.handle(2, AgentAnswered(99), CallerHungUp("?"), AgentAvailable("?"), WrapUpEnded("0:N1")) == []
    assert post(core, "0:N1") is Post.TALKING


def test_a_clock_that_steps_back_changes_no_order():
    core = room()
    core.handle(100, CallArrived("a", "N1"))
    core.handle(50, CallArrived("b", "N1"))
    assert [core.state.calls[name].place for name in ("a", "b")] == [(100, 1), (100, 2)]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (lambda: QueueRules(name="N1", reserve=-1), "réserve de -1"),
        (lambda: QueueRules(name="N1", ring_limit=0), "délai de 0"),
        (lambda: Rules(queues=(QueueRules(name="N1"),) * 2, agents=()), "donné deux fois"),
        (
            lambda: Rules(queues=(), agents=(AgentRules(name="a", skills=(Skill(queue="N9"),)),)),
            "« N9 » n’existe pas",
        ),
        (lambda: Skill(queue="N1", after=float("nan")), "délai nan"),
        (lambda: room().handle(0, CallArrived("a", "N9")), "« N9 » n’existe pas"),
    ],
)
def test_rules_that_cannot_be_applied_are_refused(rules, said):
    with pytest.raises(RulesError, match=said):
        rules()
