"""A shift given or exchanged: asked, answered, judged by the rules both times."""

from datetime import timedelta

import pytest

from quinze.base.errors import NotFound, Refusal
from quinze.staffing import operations as do
from quinze.staffing.models import RosterAssignment, RosterEvent, RosterSwap
from tests.factories.accounts import make_user
from tests.factories.rosters import AT, make_shift, put_on, somebody

pytestmark = pytest.mark.django_db


def _on(shift):
    return {each.user for each in RosterAssignment.objects.filter(shift=shift)}


def _refused(act, code):
    with pytest.raises(Refusal) as refused:
        act()
    assert refused.value.code == code
    return refused.value.message


@pytest.fixture
def two():
    giver, taker, given, theirs = somebody(), somebody(), make_shift(0), make_shift(2)
    put_on(given, giver)
    put_on(theirs, taker)
    return giver, taker, given, theirs


def test_a_shift_is_given_once_the_colleague_says_yes(two):
    giver, taker, given, _ = two
    swap = do.ask_swap(given=given, giver=giver, taker=taker, at=AT)
    assert _on(given) == {giver}
    do.answer_swap(swap.pk, accepted=True, user=taker, at=AT)
    assert _on(given) == {taker}
    assert "à la place de" in RosterEvent.objects.get(kind="swapped").said
    with pytest.raises(NotFound):
        do.answer_swap(swap.pk, accepted=True, user=taker, at=AT)


def test_two_shifts_are_exchanged(two):
    giver, taker, given, theirs = two
    swap = do.ask_swap(given=given, giver=giver, taker=taker, returned=theirs, at=AT)
    do.answer_swap(swap.pk, accepted=True, user=taker, at=AT)
    assert (_on(given), _on(theirs)) == ({taker}, {giver})
    assert RosterEvent.objects.filter(kind="swapped").count() == 2


def test_shifts_of_the_same_hours_are_exchanged_too():
    giver, taker, given, theirs = somebody(), somebody(), make_shift(0, needed=1), make_shift(0, 9)
    put_on(given, giver)
    put_on(theirs, taker)
    swap = do.ask_swap(given=given, giver=giver, taker=taker, returned=theirs, at=AT)
    do.answer_swap(swap.pk, accepted=True, user=taker, at=AT)
    assert (_on(given), _on(theirs)) == ({taker}, {giver})


def test_a_refused_or_withdrawn_swap_changes_nothing(two):
    giver, taker, given, _ = two
    first = do.ask_swap(given=given, giver=giver, taker=taker, at=AT)
    do.answer_swap(first.pk, accepted=False, user=taker, at=AT)
    second = do.ask_swap(given=given, giver=giver, taker=taker, at=AT)
    _refused(lambda: do.ask_swap(given=given, giver=giver, taker=taker, at=AT), "one_open_swap_of_a_shift")
    do.withdraw_swap(second.pk, user=giver, at=AT)
    assert _on(given) == {giver}
    assert sorted(RosterSwap.objects.values_list("state", flat=True)) == ["refused", "withdrawn"]


def test_rules_are_told_when_asked_and_looked_at_again_when_answered(two):
    giver, taker, given, _ = two
    swap = do.ask_swap(given=given, giver=giver, taker=taker, at=AT)
    put_on(make_shift(0, 20), taker)  # meanwhile
    assert "Repos de moins" in _refused(lambda: do.answer_swap(swap.pk, accepted=True, user=taker, at=AT), "rules")
    assert _on(given) == {giver}
    _refused(lambda: do.ask_swap(given=make_shift(4), giver=giver, taker=taker, at=AT), "not_held")


def test_only_the_colleague_answers_and_only_the_asker_withdraws(two):
    giver, taker, given, _ = two
    swap = do.ask_swap(given=given, giver=giver, taker=taker, at=AT)
    for wrong in (giver, somebody()):
        with pytest.raises(NotFound):
            do.answer_swap(swap.pk, accepted=True, user=wrong, at=AT)
    with pytest.raises(NotFound):
        do.withdraw_swap(swap.pk, user=taker, at=AT)


def test_what_has_begun_and_who_has_not_the_role_are_refused(two):
    giver, taker, given, _ = two
    late = given.during.lower + timedelta(minutes=1)
    _refused(lambda: do.ask_swap(given=given, giver=giver, taker=taker, at=late), "begun")
    _refused(lambda: do.ask_swap(given=given, giver=giver, taker=make_user(), at=AT), "not_granted")
