"""T1–T7, T9–T11: what is known from elsewhere. T8 is played: tests/science/callcentre/test_phases.py."""

import pytest

from quinze.science.queueing import known_answers

ANSWERS = list(known_answers.answers())


@pytest.mark.parametrize("case", sorted({answer.case for answer in ANSWERS}))
def test_known_answers_agree_to_the_digits_printed(case: str) -> None:
    wrong = [answer for answer in ANSWERS if answer.case == case and not answer.agrees]
    assert wrong == []


def test_an_answer_off_by_one_in_its_last_digit_is_seen() -> None:
    assert not known_answers.Answer("T", "x", "0.2387009", 0.2387010).agrees
    assert known_answers.Answer("T", "x", "0.2387009", 0.23870094).agrees
