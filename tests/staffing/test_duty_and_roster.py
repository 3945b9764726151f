"""Who is on duty decides who may take which post, and nobody stays out because of a missing list."""

from datetime import UTC, datetime, timedelta

import pytest

from quinze.accounts.models import Duty
from quinze.accounts.operations import start_duty
from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.staffing import operations as do
from quinze.staffing.models import RosterEvent
from tests.factories.accounts import make_sas
from tests.factories.rosters import AT, MONDAY, make_shift, put_on, somebody, supervisor

pytestmark = pytest.mark.django_db
TUESDAY_9 = datetime(2026, 12, 1, 8, tzinfo=UTC)  # 9 h in Paris


def _take(user, *, role=Role.ARM, at=TUESDAY_9):
    warned: list[str] = []
    start_duty(user, sas=make_sas(), role=role, at=at, warn=warned.append)
    return warned


def _refusal(user, **asked):
    with pytest.raises(Refusal) as refused:
        _take(user, **asked)
    assert refused.value.code == "not_on_the_roster"
    assert not Duty.objects.filter(user=user).exists()
    return refused.value.message


@pytest.fixture
def published():
    """A day of ARM on Tuesday, published; a supervisor at their post then."""
    shift, planned = make_shift(1, 8), somebody()
    put_on(shift, planned)
    by = supervisor(at=TUESDAY_9)
    do.publish(monday=MONDAY, by=by, at=AT)
    return by, planned


def test_without_any_roster_everybody_comes_in_and_nothing_is_said():
    make_shift(1, 8)
    assert _take(somebody()) == []


def test_who_is_planned_comes_in_and_an_hour_before_too(published):
    _, planned = published
    assert _take(planned, at=TUESDAY_9 - timedelta(hours=1, minutes=59)) == []


def test_who_is_not_planned_is_refused_and_told_whom_to_ask(published):
    assert "Demandez au superviseur" in _refusal(somebody())
    _, planned = published
    _refusal(planned, at=TUESDAY_9 + timedelta(hours=9))  # their shift is over
    _refusal(somebody(Role.ARM, Role.OSNP), at=TUESDAY_9)


def test_a_role_without_a_shift_that_week_is_not_held_back(published):
    warned = _take(somebody(Role.OSNP), role=Role.OSNP)
    assert "n’est pas publié pour le poste OSNP" in warned[0]


def test_the_supervisor_opens_a_post_and_it_is_written_down(published):
    by, _ = published
    user = somebody()
    _refusal(user)
    until = TUESDAY_9 + timedelta(hours=3)
    do.open_post(user=user, role=Role.ARM, reason="Deux absents", until=until, by=by, at=TUESDAY_9)
    assert _take(user, at=TUESDAY_9 + timedelta(hours=2)) == []
    assert "Motif : Deux absents" in RosterEvent.objects.get(kind="passed").said


def test_a_pass_is_for_one_role_some_hours_and_a_reason(published):
    by, _ = published
    user = somebody(Role.ARM, Role.OSNP)

    def refused(code, **changed):
        asked = {"role": Role.ARM, "reason": "Renfort", "until": TUESDAY_9 + timedelta(hours=1)} | changed
        with pytest.raises(Refusal) as refusal:
            do.open_post(user=user, **asked, by=by, at=TUESDAY_9)
        assert refusal.value.code == code

    refused("pass_has_a_reason", reason="  ")
    refused("length", until=TUESDAY_9 + timedelta(hours=15))
    refused("length", until=TUESDAY_9)
    refused("not_granted", role=Role.SUPERVISOR)
    do.open_post(user=user, role=Role.ARM, reason="Renfort", until=TUESDAY_9 + timedelta(hours=1), by=by, at=TUESDAY_9)
    _refusal(user, at=TUESDAY_9 + timedelta(hours=1))


def test_with_nobody_there_to_open_it_the_post_is_taken_and_noted(published):
    by, _ = published
    Duty.objects.filter(user=by.user).delete()
    user = somebody()
    assert "votre prise de poste est notée" in _take(user)[0]
    event = RosterEvent.objects.get(kind="unplanned")
    assert (event.user, event.said) == (user, f"ARM pris hors planning par {user}.")


def test_a_supervisor_is_never_kept_out(published):
    make_shift(1, 8, role=Role.SUPERVISOR)
    assert len(_take(somebody(Role.SUPERVISOR), role=Role.SUPERVISOR)) == 1


def test_the_next_week_unpublished_warns_and_lets_in(published):
    warned = _take(somebody(), at=TUESDAY_9 + timedelta(days=7))
    assert "n’est pas publié pour le poste ARM" in warned[0]


def test_another_sas_has_its_own_roster(published):
    elsewhere, warned = make_sas("44"), []
    start_duty(somebody(sas=elsewhere), sas=elsewhere, role=Role.ARM, at=TUESDAY_9, warn=warned.append)
    assert warned == []
