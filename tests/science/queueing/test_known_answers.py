"""T1–T7, T9–T11: what is known from elsewhere. T8 is played: tests/science/callcentre/test_phases.py."""

from functools import cache

import pytest

from quinze.science.queueing import known_answers

CASES = ("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T9", "T10", "T11")


@cache
def answers() -> list[known_answers.Answer]:
    """When a test asks: the exact chains take three seconds, and every worker reads this file."""
    return list(known_answers.answers())


@pytest.mark.parametrize("case", CASES)
def test_known_answers_agree_to_the_digits_printed(case: str) -> None:
    agreeing = [answer.agrees for answer in answers() if answer.case == case]
    assert agreeing
    wrong = [answer for answer in answers() if answer.case == case and not answer.agrees]
    assert wrong == []


def test_no_case_is_forgotten() -> None:
    assert {answer.case for answer in answers()} == set(CASES)


def test_an_answer_off_by_one_in_its_last_digit_is_seen() -> None:
    assert not known_answers.Answer("T", "x", "0.2387009", 0.2387010).agrees
    assert known_answers.Answer("T", "x", "0.2387009", 0.23870094).agrees
