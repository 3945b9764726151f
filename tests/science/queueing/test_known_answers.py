"""T1–T7, T9, T11: what is known from elsewhere."""

from pathlib import Path

import pytest

from quinze.science.queueing import known_answers

ROOT = Path(__file__).parents[3]
ANSWERS = list(known_answers.answers())


@pytest.mark.parametrize("case", sorted({answer.case for answer in ANSWERS}))
def test_known_answers_agree_to_the_digits_printed(case: str) -> None:
    wrong = [answer for answer in ANSWERS if answer.case == case and not answer.agrees]
    assert wrong == []


def test_an_answer_off_by_one_in_its_last_digit_is_seen() -> None:
    assert not known_answers.Answer("T", "x", "0.2387009", 0.2387010).agrees
    assert known_answers.Answer("T", "x", "0.2387009", 0.23870094).agrees


def test_the_page_of_known_answers_is_a_new_computation() -> None:
    assert (ROOT / known_answers.PAGE).read_text() == known_answers.page()
