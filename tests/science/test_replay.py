"""Complaint 21: a charter is tried on what really happened before it decides for anyone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from quinze.science.charter import Charter, Offer, Participation, charter_from_json
from quinze.science.ranking import Candidate, RankingInputs, Seat, inputs_from_json, inputs_to_json
from quinze.science.replay import Call, Case, actual, replayed
from tests.science import worked_case

AT = worked_case.AT


def charter(*order: str, version: str = "1", **level: Any) -> Charter:
    participants = {
        "name": "Participants",
        "who": "participants",
        "offer": ["snp"],
        "within": None,
        "order": list(order),
    }
    return charter_from_json(worked_case.DOCUMENT | {"version": version, "levels": [participants | level]})


EARLIEST, FAIREST = charter("earliest"), charter("fairest", "earliest", version="2")


def someone(name: str, *hours: float, at: datetime, asked: int = 0, minutes: int = 10) -> Candidate:
    seats = tuple(
        Seat(f"{name}{hour}", AT + timedelta(hours=hour), AT + timedelta(hours=hour, minutes=20), Offer.SNP)
        for hour in hours
        if AT + timedelta(hours=hour) >= at
    )
    return Candidate(
        id=f"p{name}@1", label=f"Dr {name}", practitioner=f"p{name}", minutes=minutes, seats=seats,
        participation=Participation.INDIVIDUAL, solicitations_28d=asked, offered_28d=1,
    )  # fmt: skip


def case(number: int, *people: Candidate, called: str = "", slot: str = "", text: Charter = EARLIEST) -> Case:
    at = AT + timedelta(minutes=number)
    inputs = worked_case.worked_case()
    need = replace(inputs.need, request=str(number), deadline=at + timedelta(hours=48))
    asked = replace(inputs, need=need, at=at, charter=text, candidates=people, seed="", max_minutes=None)
    return Case(str(number), asked, called, slot)


def names(calls: list[Call | None]) -> list[str]:
    return [call.slot if call else "" for call in calls]


def history() -> list[Case]:
    """A has the two earliest seats and was asked for both; B had one, later, and was never asked."""
    a, b = (someone("A", 1, 2, at=AT), someone("B", 5, at=AT))
    later_a = replace(someone("A", 2, at=AT), solicitations_28d=1)
    return [case(1, a, b, called="pA@1", slot="A1"), case(2, later_a, b, called="pA@1", slot="A2")]


def test_the_charter_of_then_calls_those_who_were_called():
    assert names(list(replayed(history()))) == ["A1", "A2"]
    assert names(list(replayed(history(), charter=EARLIEST))) == ["A1", "A2"]


def test_another_charter_spreads_the_calls_and_solicitations_follow():
    calls = list(replayed(history(), charter=FAIREST))
    assert names(calls) == ["A1", "B5"]  # once A was asked, B is the least solicited


def test_a_seat_given_by_the_replay_is_no_longer_free_for_the_next():
    far = charter("nearest", version="3")
    a, b = someone("A", 1, 2, at=AT, minutes=30), someone("B", 5, at=AT, minutes=5)
    cases = [case(1, a, b, called="pA@1", slot="A1"), case(2, a, b, called="pA@1", slot="A2")]
    assert names(list(replayed(cases, charter=far))) == ["B5", "A1"]


def test_a_seat_left_by_the_replay_is_free_again_for_the_next():
    """History gave A1 first, so the second log no longer shows it; the replay gave B5 and proposes A1 again."""
    nearest = charter("nearest", "earliest", version="3")
    a, b = someone("A", 1, 2, at=AT, minutes=30), someone("B", 5, at=AT, minutes=5)
    second = case(2, someone("A", 2, at=AT, minutes=30), b, called="pB@1", slot="B5")
    assert names(list(replayed([case(1, a, b, called="pA@1", slot="A1"), second], charter=nearest))) == ["B5", "A1"]


def test_a_plage_loses_one_place_at_a_time():
    many = replace(someone("A", 1, at=AT), seats=(replace(someone("A", 1, at=AT).seats[0], free=2, plage=True),))
    other = someone("B", 5, at=AT)
    cases = [case(number, many, other) for number in (1, 2, 3)]
    assert names(list(replayed(cases, charter=EARLIEST))) == ["A1", "A1", "B5"]


def test_nobody_to_call_is_nobody():
    assert list(replayed([case(1)], charter=FAIREST)) == [None]
    assert actual(case(1, someone("A", 1, at=AT))) is None


def test_what_really_happened_says_travel_and_delay():
    call = actual(history()[0])
    assert call is not None
    assert (call.label, call.travel, call.delay) == ("Dr A", 10, 59)


def test_the_replay_is_the_same_every_time_and_changes_no_log():
    cases = history()
    before = [inputs_to_json(one.inputs) for one in cases]
    first, second = (list(replayed(cases, charter=FAIREST)) for _ in range(2))
    assert first == second
    assert [inputs_to_json(one.inputs) for one in cases] == before
    again = [replace(one, inputs=read_again(one.inputs)) for one in cases]
    assert list(replayed(again, charter=FAIREST)) == first


def read_again(inputs: RankingInputs) -> RankingInputs:
    return inputs_from_json(inputs_to_json(inputs))


def test_a_level_closed_at_that_hour_calls_nobody():
    night = charter("earliest", version="4", when=[{"days": [6], "from": "01:00", "to": "02:00"}])
    assert names(list(replayed(history(), charter=night))) == ["", ""]
