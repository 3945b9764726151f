"""Days on which a person cannot come."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.staffing import operations as do
from quinze.staffing.models import RosterAbsence
from quinze.staffing.queries import rosters as queries
from tests.factories.accounts import login, make_actor
from tests.factories.rosters import AT, MONDAY, make_shift, put_on, supervisor

pytestmark = pytest.mark.django_db


def test_who_is_away_is_not_put_on_a_shift_and_one_held_already_is_shown():
    by, me, before, shift = supervisor(), make_actor(Role.ARM, at=AT), make_shift(1), make_shift(2)
    put_on(before, me.user)
    do.declare_absence(first=MONDAY, last=MONDAY + timedelta(days=2), by=me, at=AT)
    with pytest.raises(Refusal, match="Absence déclarée"):
        do.assign(shift.pk, user=me.user, by=by, at=AT)
    assert [each.rule for each in queries.week(by=by, monday=MONDAY).breaches] == ["away"]
    assert do.assign(make_shift(3).pk, user=me.user, by=by, at=AT) == []


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 12, 2), date(2026, 12, 1), "order"),
        (date(2026, 11, 1), date(2026, 11, 2), "past"),
        (date(2026, 12, 1), date(2027, 12, 2), "length"),
        (date(9999, 12, 31), date(9999, 12, 31), "far"),
        (date(2026, 12, 24), date(2026, 12, 26), "one_roster_absence_at_a_time"),
    ],
)
def test_an_absence_that_makes_no_sense_is_refused(first, last, code):
    me = make_actor(Role.ARM, at=AT)
    do.declare_absence(first=date(2026, 12, 25), last=date(2026, 12, 25), by=me, at=AT)
    with pytest.raises(Refusal) as refused:
        do.declare_absence(first=first, last=last, by=me, at=AT)
    assert refused.value.code == code


def test_an_absence_is_written_and_taken_back_by_its_person_only(client):
    me = make_actor(Role.OSNP)
    page = login(client, me)
    soon = clock.now().date() + timedelta(days=10)
    days = {"first": soon.isoformat(), "last": (soon + timedelta(days=2)).isoformat()}
    assert "Absence notée" in page.post(reverse("staffing:mine"), days, follow=True).content.decode()
    assert page.post(reverse("staffing:mine"), {"first": "demain"}).status_code == 422
    absence = RosterAbsence.objects.get()
    with pytest.raises(NotFound):
        do.withdraw_absence(absence.pk, by=make_actor(Role.OSNP))
    page.post(reverse("staffing:withdraw_absence", args=[absence.pk]))
    assert not RosterAbsence.objects.exists()
