"""Two connections at once."""

import pytest

from quinze.staffing import operations as do
from quinze.staffing.models import RosterAssignment, RosterPublication
from tests.accounts.test_races import at_once
from tests.factories.rosters import AT, MONDAY, make_shift, put_on, somebody, supervisor

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_person_put_at_two_posts_from_two_screens_is_at_one():
    by, user = supervisor(), somebody()
    day, late = make_shift(0, 8), make_shift(0, 12)
    put = lambda shift: lambda: do.assign(shift.pk, user=user, by=by, at=AT, despite="Renfort")  # noqa: E731
    codes = at_once(put(day), put(late))
    assert sorted(codes, key=str) == [None, "one_roster_post_at_a_time"]
    assert RosterAssignment.objects.filter(user=user).count() == 1


def test_the_last_place_goes_to_one_person():
    by, shift = supervisor(), make_shift(0, 8)
    put = lambda user: lambda: do.assign(shift.pk, user=user, by=by, at=AT)  # noqa: E731
    codes = at_once(put(somebody()), put(somebody()))
    assert sorted(codes, key=str) == [None, "full"]
    assert RosterAssignment.objects.filter(shift=shift).count() == 1


def test_a_swap_accepted_on_two_screens_is_done_once():
    giver, taker, shift = somebody(), somebody(), make_shift(0)
    put_on(shift, giver)
    swap = do.ask_swap(given=shift, giver=giver, taker=taker, at=AT)
    accept = lambda: do.answer_swap(swap.pk, accepted=True, user=taker, at=AT)  # noqa: E731
    codes = at_once(accept, accept)
    assert codes.count(None) == 1
    assert RosterAssignment.objects.get(shift=shift).user == taker


def test_two_publications_at_once_are_one_version():
    by = supervisor()
    make_shift(0)
    publish = lambda: do.publish(monday=MONDAY, by=by, at=AT)  # noqa: E731
    assert at_once(publish, publish).count(None) == 1
    assert RosterPublication.objects.count() == 1
