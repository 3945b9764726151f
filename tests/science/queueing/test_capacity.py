"""The capacity study, one level or two by the hour, pooling: what must hold whatever the figures."""

import math
from dataclasses import replace

import pytest

from quinze.science.queueing.bounds import Unacceptable
from quinze.science.queueing.capacity import Flows, Organisation, Phase, Study, one_more, plan, ramp_up
from quinze.science.queueing.day import TYPICAL, calls_by_hour
from quinze.science.queueing.fluid import BiLevel
from quinze.science.queueing.levels import compare, crossing, splits
from quinze.science.queueing.pooling import Centre, asynchrony, pool
from quinze.science.queueing.staffing import Goal
from quinze.science.queueing.today import crowd_melts_s, what_if

STUDY = Study(calls_by_hour(180_000))
T11 = BiLevel(vital=0.05, passed_on=0.75, answer_s=45, conference_s=20, vital_s=150, passed_on_s=150)


def test_a_day_keeps_its_calls() -> None:
    assert sum(TYPICAL) == pytest.approx(24)
    assert sum(STUDY.calls_by_hour) * 365 == pytest.approx(180_000)
    with pytest.raises(Unacceptable, match="24 valeurs"):
        calls_by_hour(180_000, shape=[1, 2, 3])
    with pytest.raises(Unacceptable, match="au moins une heure"):
        calls_by_hour(180_000, shape=[0] * 24)


@pytest.mark.parametrize("organisation", list(Organisation))
def test_every_hour_reaches_its_goal_within_its_interval(organisation: Organisation) -> None:
    for need in plan(replace(STUDY, organisation=organisation)):
        for hour in need.hours:
            assert hour.low <= hour.posts <= hour.high
            assert hour.served >= need.line.goal.target
            assert hour.occupancy <= need.line.goal.occupancy + 1e-9
        assert need.staff_low.fte <= need.staff.fte <= need.staff_high.fte


def test_both_organisations_do_the_same_work() -> None:
    one, two = (plan(replace(STUDY, organisation=kind)) for kind in (Organisation.ONE_LEVEL, Organisation.TWO_LEVELS))
    work = [sum(hour.load for need in needs for hour in need.hours) for needs in (one, two)]
    hold = sum(hour.load for hour in two[0].hours) * (1 - STUDY.model.level_1_s / two[0].line.handling_s)
    assert work[0] == pytest.approx(work[1] - hold)
    assert hold > 0


def test_calls_of_no_file_need_no_second_level() -> None:
    needs = plan(replace(STUDY, flows=Flows(0, 0, 0)))
    assert [need.peak for need in needs] == [need.peak if need.line.key == "n1" else 0 for need in needs]
    assert needs[0].peak > 0


def test_one_more_is_most_useful_where_callers_wait_most() -> None:
    need = plan(STUDY)[0]
    found = one_more(need, posts_by_hour=[1] * 24)
    assert [one.calls_gained for one in found] == sorted((one.calls_gained for one in found), reverse=True)
    assert all(one.served_with_one_more >= one.served for one in found)
    assert found[0].hour == max(range(24), key=lambda at: found_at(found, at))
    with pytest.raises(Unacceptable, match="24 valeurs"):
        one_more(need, posts_by_hour=[1, 2])


def found_at(found: tuple[object, ...], hour: int) -> float:
    return next(one.calls_gained for one in found if one.hour == hour)  # type: ignore[attr-defined]


def test_nights_are_paid_on_their_own_hours() -> None:
    whole = plan(replace(STUDY, night_hours=1582))[0].staff.fte
    assert plan(replace(STUDY, night_hours=1476))[0].staff.fte > whole


def test_a_ramp_up_ends_with_the_whole_service() -> None:
    steps = ramp_up(STUDY, [Phase("un territoire", 0.3, 8, 20), Phase("tout", 1)])
    assert steps[0].fte < steps[1].fte
    assert steps[1].needs == plan(STUDY)
    assert all(hour.posts == 0 for need in steps[0].needs for hour in need.hours if not 8 <= hour.hour < 20)
    with pytest.raises(Unacceptable, match="au moins une"):
        ramp_up(STUDY, [])
    with pytest.raises(Unacceptable, match="un début avant la fin"):
        Phase("à l’envers", 0.5, 20, 8)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"calls_by_hour": (1.0,) * 23}, "24 valeurs"),
        ({"calls_by_hour": (math.nan,) * 24}, "nan"),
        ({"daily_spread": 3.0}, "Variation"),
        ({"day_hours": 12.0}, "Heures annuelles"),
    ],
)
def test_a_study_that_no_service_has_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(Unacceptable, match=said):
        replace(STUDY, **wrong)  # type: ignore[arg-type]
    with pytest.raises(Unacceptable, match="au plus 1"):
        Flows(0.5, 0.5, 0.5)


def test_the_crossing_of_one_and_two_levels() -> None:
    """T11: nine people tie at 135 calls an hour."""
    found = crossing(T11, agents=9)
    assert found is not None
    assert found.calls_per_hour == pytest.approx(138, abs=2)
    assert compare(T11, calls_per_hour=145, agents=9).gain > 0 > compare(T11, calls_per_hour=120, agents=9).gain


def test_people_are_split_in_the_ratio_of_the_work() -> None:
    assert (splits(T11, 9), splits(T11, 2), splits(T11, 36)) == ((2, 3), (1,), (9, 10))
    assert compare(T11, calls_per_hour=150, agents=9).level_1 == 3
    with pytest.raises(Unacceptable, match="au moins deux"):
        compare(T11, calls_per_hour=10, agents=1)
    with pytest.raises(Unacceptable, match="de 1 à 8"):
        compare(T11, calls_per_hour=10, agents=9, level_1=9)


CENTRES = [Centre(name, calls) for name, calls in (("A", 121.5), ("B", 71.4), ("C", 38.0), ("D", 80.9), ("E", 75.5))]


def test_the_five_samu_of_pays_de_la_loire_gain_twenty_points() -> None:
    """P8: calls of SAE 2023 at 1.6 times the mean hour; +17 to +21 points published (npj Digital Medicine 7:385)."""
    found = pool(CENTRES, handling_s=150, goal=Goal(target=0.70))
    assert 0.17 <= found.gain <= 0.21
    assert (found.agents, found.enough, found.saved) == (25, 20, 5)


def test_pooling_never_loses_and_its_staff_is_the_least() -> None:
    for target in (0.5, 0.8, 0.95):
        goal = Goal(target=target)
        found = pool(CENTRES, handling_s=150, goal=goal)
        calls = sum(one.calls_per_hour for one in CENTRES)
        assert found.gain >= 0
        assert goal.served(calls_per_hour=calls, handling_s=150, agents=found.enough) >= found.apart
        assert goal.served(calls_per_hour=calls, handling_s=150, agents=found.enough - 1) < found.apart


def test_centres_keep_the_staff_that_is_given() -> None:
    found = pool([Centre("A", 60, 4), Centre("B", 60, 1)], handling_s=150, goal=Goal())
    assert [one.agents for one in found.centres] == [4, 1]
    assert found.centres[1].served == 0  # 2.5 erlangs for one person: never served
    with pytest.raises(Unacceptable, match="au moins deux"):
        pool(CENTRES[:1], handling_s=150, goal=Goal())
    with pytest.raises(Unacceptable, match="Appels par heure"):
        pool([Centre("A", -1, 3), Centre("B", 3, 3)], handling_s=150, goal=Goal())


def test_peaks_at_other_hours_are_a_potential_of_help() -> None:
    assert asynchrony([[10, 0], [0, 10]]).potential == 0.5
    assert asynchrony([[10, 2], [20, 4]]).potential == 0


def test_what_if_moves_one_person_and_a_fifth_of_the_calls() -> None:
    needs = plan(STUDY)
    found = what_if(needs, hour=11, posts={"n1": 3})
    assert [one.posts for one in found] == [3, *(need.hours[11].posts for need in needs[1:])]
    for one in found:
        assert one.one_less <= one.now <= one.one_more
        assert one.more_calls <= one.now <= one.fewer_calls
    assert all(one.at_goal for one in found)
    doubled = what_if(needs, hour=11, factor=2, posts={})
    assert [one.calls_per_hour for one in doubled] == pytest.approx([2 * one.calls_per_hour for one in found])


def test_a_crowd_melts_with_what_is_spare_or_never() -> None:
    found = what_if(plan(STUDY), hour=11, posts={})
    slowest = max(
        60 * one.calls_per_hour * one.line.handling_s / (one.posts * 60 - one.calls_per_hour * one.line.handling_s / 60)
        for one in found
    )
    assert crowd_melts_s(found, times=4, minutes=20) == pytest.approx(slowest)
    assert crowd_melts_s(what_if(plan(STUDY), hour=11, posts={"n3_snp": 0}), times=4, minutes=20) is None
