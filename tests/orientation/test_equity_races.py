"""Two workers counting, two taps contesting: once."""

from datetime import date, timedelta

import pytest

from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.orientation import operations
from quinze.orientation.models import Dispute, OfferedDay, SearchedDay
from quinze.orientation.operations.dispute import Contested, open_dispute
from tests.factories import orientation as make
from tests.factories.accounts import make_actor, make_user
from tests.orientation.test_races import race

AT = make.AT
LATER = AT + timedelta(hours=8)
pytestmark = pytest.mark.django_db(transaction=True)


def test_two_workers_counting_at_once_count_each_search_and_each_hour_once():
    land = make.territory()
    make.slot(make.doctor(land), 2, minutes=60)
    for _ in range(5):
        make.searched(make.request(land), land)
    counted = race(*[lambda: operations.tally_searches(sas=land.sas, at=LATER)] * 4)
    assert sorted(counted) == [0, 0, 0, 5]
    race(*[lambda: operations.count_offered_days(sas=land.sas, at=LATER)] * 4)
    assert [row.times for row in SearchedDay.objects.all()] == [5]
    assert [row.minutes for row in OfferedDay.objects.all()] == [60]


def test_two_taps_on_contest_are_one_dispute():
    land = make.territory()
    professional = make.doctor(land).professional
    professional.account = make_user()
    professional.save()
    me = make_actor(Role.EFFECTEUR, land.sas, user=professional.account)
    contested = Contested("hours", date(2026, 11, 16), date(2026, 11, 22), "3 h")
    answers = race(
        *[lambda: open_dispute(professional=professional, contested=contested, text="faux", by=me, at=AT)] * 4
    )
    assert sum(isinstance(answer, Refusal) for answer in answers) == 3
    assert Dispute.objects.count() == 1
