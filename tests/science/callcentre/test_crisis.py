"""Crises drilled: what strikes, what is answered, and the figures followed by quarter-hour."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from quinze.science.callcentre.compare import comparable_count
from quinze.science.callcentre.crisis import Crisis, Crowd, People, Response, covered, responded, struck
from quinze.science.callcentre.durations import Exponential
from quinze.science.callcentre.errors import ScenarioError
from quinze.science.callcentre.intervals import interval
from quinze.science.callcentre.model import Level, Redial, Scenario
from quinze.science.callcentre.results import simulate
from quinze.science.callcentre.tracks import (
    Played,
    Track,
    apart,
    by_slot,
    calls,
    follow,
    held,
    hold,
    late_wait,
    late_waits,
    lost,
    over,
    queue,
    recovery,
    served,
    wait,
)

from .centres import one_queue, whole_sas

SLOTS, R = 12, 6
ALL = range(SLOTS)
CROWD = Crisis(crowd=Crowd(factor=4, start=4, end=8))


def one_line(agents: int = 4) -> Scenario:
    return one_queue(agents=agents, per_hour=160, talk=Exponential(60), patience=Exponential(120), slots=SLOTS)


def followed(**variants: Scenario) -> dict[str, Played]:
    return follow(variants, within_s=dict.fromkeys(Level, 30.0), replications=R)


def test_a_crowd_rises_step_by_step_to_its_factor():
    surges = Crowd(factor=4, start=10, end=14, ramp=2).surges
    assert [(each.factor, each.start_slot, each.end_slot) for each in surges] == [(2, 10, 11), (3, 11, 12), (4, 12, 14)]
    assert [each.factor for each in Crowd(factor=3, start=0, end=1, ramp=1).surges] == [2]
    day = one_line()
    found = followed(planned=day, struck=struck(day, CROWD))
    times = [float(by_slot(one.ours[Level.N1], calls)[0][5]) for one in found.values()]
    assert times[1] / times[0] == pytest.approx(4, rel=0.25)


def test_without_incident_nor_answer_it_is_the_day_itself():
    day = whole_sas(slots=SLOTS)
    assert struck(day, Crisis()) == day
    assert responded(day, Response()) == day
    track = followed(day=day)["day"].ours
    played = simulate(day, replications=R)
    for level in played.levels:
        told = played.at(level)
        assert over(track[level], served, ALL).mean == pytest.approx(told.qs[30][1], nan_ok=True)
        assert over(track[level], wait, ALL).mean == pytest.approx(told.mean_wait)
        assert over(track[level], calls, ALL).mean == pytest.approx(told.presented / R)
        assert late_wait(track[level], ALL) == pytest.approx(told.quantiles[95])
        mean_queue = np.mean([each.queue_mean[:, level] for each in played.presences], axis=0)
        np.testing.assert_allclose(by_slot(track[level], queue)[0], mean_queue, atol=1e-6)
    told = played.at(Level.N1)
    assert over(track[Level.N1], held, ALL).mean == pytest.approx(told.held / R)
    assert over(track[Level.N1], hold, ALL).mean == pytest.approx(told.mean_held)
    gone = told.abandoned + told.busy + told.unanswered
    assert over(track[Level.N1], lost, ALL).mean == pytest.approx(gone / R)


def test_with_one_line_whoever_is_called_back_only_helps():
    """One first-come queue, no second level: more people, same callers."""
    crisis = struck(one_line(), CROWD)
    more = {
        str(n): responded(crisis, Response(recalled=(People(level=Level.N1, agents=n, start=5, end=SLOTS),)))
        for n in (1, 3, 8)
    }
    found = [one.ours[Level.N1] for one in followed(none=crisis, **more).values()]
    for few, many in pairwise(found):
        assert apart(few, many, lost, ALL).mean < 0
        assert apart(few, many, served, ALL).mean > 0
        np.testing.assert_array_equal(few.presented[:, :4], many.presented[:, :4])


def test_help_begins_with_the_crisis_and_goes_from_the_second_level_to_the_first():
    day = whole_sas(slots=SLOTS)
    groups = tuple(
        replace(one, skills=one.skills[:2]) if one.name == "ARM de filière" else one for one in day.centres[0].groups
    )
    day = replace(day, centres=(replace(day.centres[0], groups=groups),))
    helped = responded(day, Response(help_after=0, help_from=6))
    assert [one.name for one in helped.centres[0].groups[1:3]] == ["ARM de filière", "ARM de filière, entraide"]
    assert sum(sum(one.agents) for one in helped.centres[0].groups) == sum(sum(one.agents) for one in groups)
    before, after = (one.ours[Level.N1] for one in followed(day=day, helped=helped).values())
    np.testing.assert_array_equal(before.in_time[:, :5], after.in_time[:, :5])
    assert apart(before, after, served, range(6, SLOTS)).mean > 0


def test_a_neighbour_answers_and_nothing_strikes_it():
    ours, other = one_line(), one_line(agents=6)
    both = replace(ours, centres=(ours.centres[0], replace(other.centres[0], name="voisin")))
    crisis = struck(both, CROWD)
    shared = responded(crisis, Response(pooled_after=20))
    found = followed(planned=both, alone=crisis, shared=shared)
    beside = [one.centres[1][Level.N1] for one in found.values()]
    np.testing.assert_array_equal(beside[0].waits, beside[1].waits)
    assert apart(beside[1], beside[2], served, ALL).mean < 0, "it is the neighbour who pays"
    assert apart(found["alone"].ours[Level.N1], found["shared"].ours[Level.N1], served, ALL).mean > 0


def test_calling_people_back_frees_the_lines():
    day = whole_sas(slots=SLOTS)
    blind = replace(day.classes[2], path=(day.classes[2].path[0], *day.classes[2].path[1:]))
    levels = tuple(replace(one, patience=None) if level else one for level, one in enumerate(day.levels))
    day = replace(
        day,
        classes=(*day.classes[:2], blind, day.classes[3]),
        levels=levels,
        centres=(replace(day.centres[0], trunks=12),),
        redial=Redial(),
    )
    found = followed(alone=struck(day, CROWD), back=responded(struck(day, CROWD), Response(call_back=True)))
    busy = [float(one.ours[Level.N1].busy.sum()) for one in found.values()]
    assert 0 < busy[1] < busy[0]


def test_a_post_that_nobody_holds_is_taken_beside():
    day = whole_sas(slots=SLOTS)
    front, second, mru, mrl, osnp = day.centres[0].groups
    night = replace(mrl, agents=(0,) * 6 + mrl.agents[6:])
    doctors = replace(mru, skills=mru.skills[:1])
    day = replace(day, centres=(replace(day.centres[0], groups=(front, second, doctors, night, osnp)),))
    held = covered(day, [(Level.N3_SNP, (Level.N4, Level.N3_AMU)), (Level.N1, (Level.N2_AMU,))])
    assert [(one.name, one.agents) for one in held.centres[0].groups[4:]] == [
        ("OSNP, et N3_SNP", (1,) * 6 + (0,) * 6),
        ("OSNP", (0,) * 6 + (1,) * 6),
    ]
    waits = [over(one.ours[Level.N3_SNP], wait, range(4)).mean for one in followed(day=day, held=held).values()]
    assert waits[1] < waits[0]
    assert covered(whole_sas(), [(Level.N1, (Level.N2_AMU,))]) == whole_sas()


def test_a_reserve_is_kept_for_vital_calls():
    assert responded(whole_sas(), Response(reserve=2)).levels[Level.N2_AMU].reserve == 2


def test_the_telephone_stops_and_people_are_missing():
    day = one_line()
    crisis = struck(day, Crisis(outage=(900.0, 1800.0), absent=(People(level=Level.N1, agents=2, start=4, end=6),)))
    assert crisis.centres[0].groups[0].agents == (4,) * 4 + (2,) * 2 + (4,) * 6
    track = followed(day=crisis)["day"].ours[Level.N1]
    assert track.busy[:, 1].sum() > 0
    assert track.busy[:, 3:].sum() == 0


def test_what_cannot_be_is_refused_with_its_value():
    day = one_line()
    five = People(level=Level.N1, agents=5, start=0, end=4)
    doctors = People(level=Level.N3_AMU, agents=1, start=0, end=4)
    for wrong, said in [
        (lambda: Crowd(factor=51, start=0, end=4), "51 n’est pas accepté ; il faut de 1 à 50"),
        (lambda: Crowd(factor=2, start=0, end=4, ramp=5), "montée : 5 n’est pas accepté ; il faut de 0 à 4"),
        (lambda: People(level=Level.N1, agents=0, start=0, end=4), "personnes N1 : 0"),
        (lambda: struck(day, Crisis(absent=(five,))), "absents N1 : 5 ; au plus 4"),
        (lambda: struck(day, Crisis(absent=(doctors,))), "absents N3_AMU : 1 ; au plus 0"),
        (lambda: responded(day, Response(help_after=10)), "aucun second niveau"),
        (lambda: responded(day, Response(pooled_after=10)), "aucun voisin"),
        (lambda: comparable_count(1), "il en faut au moins 2"),
    ]:
        with pytest.raises(ScenarioError, match=said):
            wrong()


# ---- figures


def track_of(in_time: list[list[float]], patient: list[list[float]]) -> Track:
    zero = np.zeros((len(patient), len(patient[0])))
    return Track(
        presented=np.array(patient, dtype=float),
        busy=zero,
        patient=np.array(patient, dtype=float),
        in_time=np.array(in_time, dtype=float),
        answered=zero,
        waited=zero,
        lost=zero,
        held=zero,
        held_s=zero,
        queue=zero,
        waits=np.array([1.0, 3.0]),
        slots=np.array([1, 1], dtype=np.int32),
    )


def test_a_share_is_that_of_all_calls_and_its_interval_that_of_the_ratio():
    track = track_of([[8, 1], [9, 3]], [[10, 2], [10, 4]])
    whole = over(track, served, range(2))
    assert whole.mean == pytest.approx(21 / 26)
    residuals = [(9 - 12 * 21 / 26) / 13, (12 - 14 * 21 / 26) / 13]
    assert whole.half_width == pytest.approx(interval(residuals).half_width)
    assert over(track, calls, range(1)).mean == 10
    assert apart(track, track, served, range(2)).half_width == pytest.approx(0, abs=1e-12)


def test_a_quarter_hour_without_calls_has_no_figure():
    track = track_of([[0, 1], [0, 1]], [[0, 2], [0, 2]])
    values, widths = by_slot(track, served)
    assert np.isnan(values[0])
    assert np.isnan(widths[0])
    assert values[1] == 0.5
    assert np.isnan(late_waits(track)[0])
    assert late_waits(track)[1] == pytest.approx(2.9)
    assert np.isnan(late_wait(track, range(1)))


def test_a_room_is_back_when_it_is_for_an_hour():
    day = track_of([[10] * 12] * 3, [[10] * 12] * 3)
    served_by_slot = [10, 10, 2, 2, 10, 10, 2, 10, 10, 10, 10, 10]
    late = track_of([served_by_slot] * 3, [[10] * 12] * 3)
    assert recovery(day, late, target=0.9, start=1) == (2, 7)
    assert recovery(day, day, target=0.9, start=0) == (None, None)
    assert recovery(day, track_of([[2] * 12] * 3, [[10] * 12] * 3), target=0.9, start=3) == (3, None)
    assert recovery(late, late, target=0.9, start=0) == (None, None), "no worse than the planned day"
