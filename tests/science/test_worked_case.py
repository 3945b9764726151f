from datetime import timedelta

from quinze.science.charter import Offer
from quinze.science.ranking import LevelState, Ranking, Reason, explain, rank

from .worked_case import AT, worked_case


def order(ranking: Ranking) -> list[str]:
    return [proposal.candidate for proposal in ranking.proposals]


def test_the_table_of_the_definition() -> None:
    ranking = rank(worked_case())
    assert [(level.number, [p.candidate for p in level.proposals]) for level in ranking.levels] == [
        (1, []),
        (2, ["B"]),
        (3, ["D", "C"]),
        (4, ["E"]),
        (5, ["H"]),
        (6, ["SOS"]),
        (7, ["ED"]),
    ]
    assert [(r.candidate, r.reason, r.referring) for r in ranking.refusals] == [
        ("A", Reason.NO_SEAT, True),
        ("F", Reason.TOO_FAR, False),
        ("G", Reason.QUOTA, False),
    ]


def test_order_shown() -> None:
    ranking = rank(worked_case())
    assert order(ranking) == ["B", "D", "C", "E"]
    assert [proposal.candidate for proposal in ranking.waiting] == ["H", "SOS", "ED"]
    assert [proposal.rank for _, proposal in ranking.placed()] == [1, 2, 3, 4, 5, None, 6]


def test_greyed_levels_say_when_and_why_they_open() -> None:
    fifth, sixth, seventh = rank(worked_case()).levels[4:]
    assert (fifth.state, fifth.opens_at, fifth.served_by) == (LevelState.WAITING, AT + timedelta(minutes=15), 2)
    assert (sixth.state, sixth.opens_at) == (LevelState.CLOSED_BY_CALENDAR, AT + timedelta(hours=9))
    assert (seventh.state, seventh.opens_at, seventh.served_by) == (LevelState.WAITING, None, 2)
    words = explain(rank(worked_case()))
    assert words.level(5) == (
        "niveau 5 fermé, ouvre à 10 h 15 ou si aucun niveau précédent ne peut répondre sous 48 h (le niveau 2 le peut)"
    )
    assert words.level(6) == "niveau 6 fermé à cette heure, ouvre à 19 h"


def test_fairness_keys_are_those_of_the_table() -> None:
    keys = {proposal.candidate: proposal.keys[0] for proposal in rank(worked_case()).levels[2].proposals}
    assert keys == {"C": 3, "D": 1}, "0.15 and 0.05 in steps of 0.05"


def test_if_b_is_held_its_next_seat_is_used() -> None:
    ranking = rank(worked_case().without_slots("b1"))
    assert order(ranking) == ["B", "D", "C", "E"]
    assert ranking.first is not None
    assert ranking.first.slots == ("b2",)


def test_if_b_has_no_seat_left_d_comes_first() -> None:
    assert order(rank(worked_case().without_slots("b1", "b2"))) == ["D", "C", "E"]


def test_overbooking_opens_after_a_quarter_of_an_hour() -> None:
    ranking = rank(worked_case(at=AT + timedelta(minutes=15)))
    assert order(ranking) == ["B", "D", "C", "E", "H"]
    assert ranking.proposals[-1].offer is Offer.OVERBOOKING


def test_overbooking_opens_at_once_when_nobody_before_can_serve() -> None:
    only = tuple(c for c in worked_case().candidates if c.id in {"A", "H", "SOS", "ED"})
    ranking = rank(worked_case(candidates=only))
    assert order(ranking) == ["H"]
    assert ranking.levels[6].served_by == 5


def test_emergency_department_opens_when_all_are_empty() -> None:
    only = tuple(c for c in worked_case().candidates if c.id in {"A", "G", "ED"})
    assert order(rank(worked_case(candidates=only))) == ["ED"]


def test_the_osnp_may_open_a_level_earlier() -> None:
    ranking = rank(worked_case(opened_levels=frozenset({5, 6})))
    assert order(ranking) == ["B", "D", "C", "E", "H", "SOS"]
    assert [level.state for level in ranking.levels[4:6]] == [LevelState.OPENED_EARLY] * 2


def test_sos_medecins_in_the_evening_and_at_the_week_end() -> None:
    evening, saturday = AT + timedelta(hours=9), AT + timedelta(days=4)
    for at in (evening, saturday):
        assert rank(worked_case(at=at)).levels[5].state is LevelState.OPEN


def test_widening_reaches_the_doctor_who_was_too_far() -> None:
    assert order(rank(worked_case(max_minutes=60))) == ["B", "D", "C", "E", "F"]


def test_narrowing_keeps_only_the_near_ones() -> None:
    assert order(rank(worked_case(max_minutes=18))) == ["B", "C"]
