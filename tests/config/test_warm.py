"""Before the first person asks: every question of ours can be written, and none holds a value of its stand-ins."""

import pytest
from django.template.loader import get_template
from django.urls import get_resolver

from quinze.base.written import Written
from quinze.config import warm


@pytest.mark.django_db
def test_every_question_can_be_written():
    get_resolver().url_patterns  # noqa: B018 — read to be made, with all that pages import
    ours = [question for question in Written.every if question._build.__module__.startswith("quinze.")]
    assert len(ours) > 40
    for question in ours:
        question.prepare()


def test_every_template_compiles():
    names = warm._templates()
    assert "regulation/doctor_case.html" in names
    for name in names:
        get_template(name)
