"""Before the first person asks: every question of ours can be written, and none holds a value of its stand-ins."""

import subprocess
import sys

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


def test_the_engine_of_the_supervisor_is_read_behind_the_first_study():
    """In another process: this one may have played a day already."""
    code = (
        "from quinze.staffing import playing\n"
        "import sys\n"
        "assert 'numba' not in sys.modules\n"
        "playing.read_behind().join()\n"
        "from quinze.science.callcentre.engine import ready\n"
        "from quinze.science.callcentre.engine.kernels import general\n"
        "assert ready.is_kept() and general.play.signatures\n"
    )
    code = "import django; django.setup()\n" + code
    subprocess.run([sys.executable, "-c", code], check=True)
