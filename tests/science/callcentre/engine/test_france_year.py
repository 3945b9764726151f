"""Many centres at once."""

import numpy as np
import pytest

from quinze.science.callcentre.durations import Exponential
from quinze.science.callcentre.engine.bilevel import Flow
from quinze.science.callcentre.engine.france_year import national_quality, play_all
from quinze.science.callcentre.errors import ScenarioError


def centre(per_hour: float, n1: int) -> Flow:
    hours = 24 * 30
    return Flow(
        rates=per_hour / 3600 * (1 + 0.5 * np.sin(np.arange(hours) / 24 * 2 * np.pi)),
        slot=3600,
        staff=np.tile(np.array([[n1], [2 * n1], [n1], [2 * n1], [n1]]), hours),
        shares=(0.05, 0.3, 0.3),
        talk=Exponential(45),
        conference=Exponential(20),
        second=(Exponential(150),) * 3,
        doctor=(1.0, 0.6, 0.7),
        third=(Exponential(240),) * 3,
        patience=120,
    )


def test_the_number_of_threads_changes_nothing() -> None:
    flows = [centre(30, 2), centre(90, 4), centre(60, 3)]
    alone, together = (play_all(flows, seed=3, threads=threads) for threads in (1, 2))
    assert [one.within.tolist() for one in alone] == [one.within.tolist() for one in together]
    assert [one.third.tolist() for one in alone] == [one.third.tolist() for one in together]


def test_centres_draw_apart_and_stay_in_their_order() -> None:
    first, second, big = play_all([centre(30, 2), centre(30, 2), centre(300, 9)], seed=3)
    assert first.presented.tolist() != second.presented.tolist()
    assert big.presented.sum() == pytest.approx(300 * 720, rel=0.02)


def test_the_country_is_the_mean_of_its_calls() -> None:
    flown = play_all([centre(30, 2), centre(300, 9)], seed=3)
    answered = sum(one.within[:, 1].sum() for one in flown)
    assert national_quality(flown)[1] == answered / sum(one.presented.sum() for one in flown)


def test_calls_reach_every_level_in_their_shares() -> None:
    (flown,) = play_all([centre(300, 9)], seed=3)
    answered = flown.answered.sum()
    assert flown.second / answered == pytest.approx([0.05, 0.3, 0.3], rel=0.03)
    assert flown.third / flown.second == pytest.approx([1.0, 0.6, 0.7], rel=0.03)


def test_no_thread_at_all_is_refused() -> None:
    with pytest.raises(ScenarioError):
        play_all([centre(30, 2)], seed=1, threads=-1)
