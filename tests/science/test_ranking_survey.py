"""Ranking those who are shown gives what ranking everyone gives: on random charters, needs and territories."""

import random
from dataclasses import replace
from datetime import datetime
from json import dumps, loads

import pytest

from quinze.science.charter import Participation
from quinze.science.ranking import (
    ALGORITHM,
    DisagreementError,
    RankingInputs,
    Sketch,
    can_survey,
    candidate_of,
    crowd_from_json,
    crowd_of,
    head_of,
    rank,
    rank_shown,
    ranking_to_json,
    sketch_from_json,
    survey,
)
from quinze.science.ranking.sketches import coded, start_of

from .strategies import QUESTIONS


def a_sketch(rng: random.Random, number: int, at: datetime, deadline: datetime) -> Sketch:
    now, last = int(at.timestamp()), int(deadline.timestamp())
    kind = rng.choice(["", "", "", "", "SOS", "MMG", "ED"])
    minutes = rng.choice([None, 4, 6, 18, 18, 25, 50])
    away = None if kind or rng.random() < 0.8 else now + rng.choice([3600, 86400])

    def starts(since: int) -> tuple[int | None, ...]:
        found = (rng.choice([None, None, since + 900 * rng.randint(0, 30)]) for _ in range(4))
        return tuple(None if start is None or start > last else coded(start, number) for start in found)

    first = starts(now)
    after = tuple(_after(rng, code, away, last) for code in first) if away else (None,) * 4
    return Sketch(
        owner=number if kind or rng.random() < 0.8 else rng.randint(1, 9),
        place=number,
        structure_kind=kind,
        label=f"Dr {number}",
        profession="" if kind else rng.choice(["10", "10", "60"]),
        specialty="",
        km=None if minutes is None else minutes / 2.7,
        minutes=minutes,
        via=rng.choice(["", "", *[way.value for way in Participation]]),
        visits=rng.random() < 0.3,
        video=rng.random() < 0.3,
        overbooking=not kind and rng.random() < 0.4,
        overbooking_left=rng.randint(0, 2),
        wheelchair=rng.random() < 0.7,
        languages=tuple(sorted(rng.sample(["ar", "en"], rng.randint(0, 2)))),
        belongs=tuple(sorted(rng.sample([7, 8], rng.randint(0, 2)))),
        away_until=away,
        asked=rng.randint(0, 3),
        offered=rng.randint(0, 20),
        seen=not kind and rng.random() < 0.3,
        starts=first,  # type: ignore[arg-type]
        after_absence=after,  # type: ignore[arg-type]
        stale=rng.random() < 0.2,
    )


def _after(rng: random.Random, code: int | None, away: int, last: int) -> int | None:
    if code is None or start_of(code) >= away:
        return code
    return rng.choice([None, coded(away, 5000)]) if away <= last else None


def a_territory(seed: int) -> tuple[RankingInputs, list[Sketch], int]:
    rng = random.Random(seed)
    today = [replace(question, algorithm=ALGORITHM) for question in QUESTIONS]
    fit = [question for question in today if can_survey(question)]
    asked = rng.choice(fit)
    need = replace(
        asked.need,
        modalities=frozenset({rng.choice(["AMB", "VR"])}),
        referring_ids=frozenset({f"p{rng.randint(1, 9)}"}),
        referring_structure_ids=frozenset({"7"}),
        patient_cpts_ids=frozenset({"8"}),
        place_cpts_ids=frozenset({"8"}),
    )
    sketches = [a_sketch(rng, number, asked.at, need.deadline) for number in range(1, rng.choice([3, 20, 120]))]
    return replace(asked, need=need), sketches, rng.choice([1, 2, 5, 25])


def of_all(asked: RankingInputs, sketches: list[Sketch]) -> RankingInputs:
    return replace(asked, candidates=tuple(candidate_of(s, wanted=asked.need.modalities) for s in sketches))


@pytest.mark.parametrize("block", range(10))
def test_the_first_of_each_level_are_those_of_the_ranking_of_everyone(block: int) -> None:
    for seed in range(block * 40, block * 40 + 40):
        asked, sketches, shown = a_territory(seed)
        found = survey(asked, crowd_of(sketches), shown=shown, greyed=2)
        ours = rank_shown(of_all(asked, list(found.shown)), found)
        theirs = head_of(rank(of_all(asked, sketches)), shown=shown, greyed=2)
        assert ranking_to_json(ours) == ranking_to_json(theirs), seed


def test_the_order_of_reading_changes_nothing() -> None:
    for seed in range(40):
        asked, sketches, shown = a_territory(seed)
        found = survey(asked, crowd_of(sketches), shown=shown, greyed=2)
        shuffled = random.Random(seed).sample(sketches, len(sketches))
        assert survey(asked, crowd_of(shuffled), shown=shown, greyed=2).order == found.order


def test_a_sketch_is_read_back_as_it_was_written() -> None:
    _, sketches, _ = a_territory(11)
    assert [sketch_from_json(loads(dumps(sketch))) for sketch in sketches] == sketches


def test_a_crowd_is_read_back_as_it_was_written() -> None:
    for seed in range(20):
        _, sketches, _ = a_territory(seed)
        written = loads(dumps(crowd_of(sketches).to_json(), default=lambda column: column.tolist()))
        assert list(crowd_from_json(written)) == sketches


def test_an_empty_crowd_says_nothing_and_is_nobody() -> None:
    asked, _, _ = a_territory(0)
    empty = crowd_from_json(crowd_of([]).to_json())
    found = survey(asked, empty, shown=5, greyed=5)
    assert (len(empty), found.shown, found.order, sum(found.refused.values())) == (0, (), {}, 0)


def test_those_who_are_left_out_leave_the_others_as_they_were() -> None:
    _, sketches, _ = a_territory(11)
    assert list(crowd_of(sketches).except_rows([0, 2])) == [sketches[1], *sketches[3:]]


def test_seats_that_changed_between_the_two_reads_are_noticed() -> None:
    asked, sketches, _ = a_territory(5)
    for seed in range(30):
        asked, sketches, _ = a_territory(seed)
        found = survey(asked, crowd_of(sketches), shown=5, greyed=5)
        candidates = of_all(asked, list(found.shown)).candidates
        if candidates and candidates[0].seats and not candidates[0].accepts_overbooking:
            gone = (replace(candidates[0], seats=(), structure_kinds=frozenset()), *candidates[1:])
            with pytest.raises(DisagreementError):
                rank_shown(replace(asked, candidates=gone), found)
            return
    raise AssertionError("no territory fits")
