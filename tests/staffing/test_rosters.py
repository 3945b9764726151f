"""Shifts, people on them, weeks published; what is changed, and what is refused in words."""

from datetime import date, time, timedelta

import pytest

from quinze.accounts.roles import Role
from quinze.base.errors import NotFound, Refusal
from quinze.staffing import operations as do
from quinze.staffing.models import RosterAssignment, RosterEvent, RosterPublication, RosterShift
from quinze.staffing.queries import rosters as queries
from tests.factories.accounts import make_actor, make_sas, make_user
from tests.factories.rosters import AT, MONDAY, make_shift, put_on, somebody, supervisor

pytestmark = pytest.mark.django_db


def _refused(act, code):
    with pytest.raises(Refusal) as refused:
        act()
    assert refused.value.code == code
    return refused.value.message


def test_the_same_hours_are_planned_on_several_days_and_a_night_ends_the_next_day():
    by = supervisor()
    made = do.plan_shifts(
        role=Role.ARM, days=[MONDAY, MONDAY + timedelta(days=6)], start=time(20), end=time(8), needed=2, by=by, at=AT
    )
    assert [(each.during.lower.isoformat(), each.during.upper.isoformat()) for each in made] == [
        ("2026-11-30T19:00:00+00:00", "2026-12-01T07:00:00+00:00"),
        ("2026-12-06T19:00:00+00:00", "2026-12-07T07:00:00+00:00"),
    ]
    shown = queries.week(by=by, monday=MONDAY)
    assert [[len(cell.places) for cell in row.cells] for row in shown.rows] == [[1, 0, 0, 0, 0, 0, 1]]
    assert shown.lacking == 4


def test_what_makes_no_shift_is_refused():
    by = supervisor()

    def plan(**changed):
        asked = {"role": Role.ARM, "days": [MONDAY], "start": time(8), "end": time(16), "needed": 1} | changed
        return lambda: do.plan_shifts(**asked, by=by, at=AT)

    plan()()
    _refused(plan(), "roster_shift_once")
    _refused(plan(role=Role.EFFECTEUR), "role")
    _refused(plan(needed=0), "needed")
    _refused(plan(days=[]), "days")
    _refused(plan(end=time(23)), "length")
    arm = make_actor(Role.ARM, at=AT)
    _refused(lambda: do.plan_shifts(role=Role.ARM, days=[MONDAY], start=time(1), end=time(2), needed=1, by=arm, at=AT),
             "forbidden")  # fmt: skip


def test_the_week_before_is_copied_by_the_clocks_without_its_people():
    by = supervisor()
    do.plan_shifts(role=Role.ARM, days=[date(2026, 10, 23)], start=time(20), end=time(8), needed=2, by=by, at=AT)
    assert do.copy_week(monday=date(2026, 10, 26), by=by, at=AT) == 1
    assert do.copy_week(monday=date(2026, 10, 26), by=by, at=AT) == 0
    first, second = RosterShift.objects.order_by("during")
    assert second.during.lower - first.during.lower == timedelta(days=7, hours=1)  # clocks moved between


def test_a_person_is_put_on_a_shift_and_taken_off():
    by, shift, user = supervisor(), make_shift(), somebody()
    assert do.assign(shift.pk, user=user, by=by, at=AT) == []
    assert queries.week(by=by, monday=MONDAY).lacking == 0
    _refused(lambda: do.assign(shift.pk, user=somebody(), by=by, at=AT), "full")
    _refused(lambda: do.remove_shift(shift.pk, by=by, at=AT), "not_empty")
    do.unassign(shift.pk, user_id=user.pk, by=by, at=AT)
    do.remove_shift(shift.pk, by=by, at=AT)
    assert [event.kind for event in RosterEvent.objects.order_by("pk")] == ["assigned", "unassigned", "removed"]
    with pytest.raises(NotFound):
        do.assign(shift.pk, user=user, by=by, at=AT)


def test_a_role_that_is_not_given_over_the_whole_shift_is_refused():
    by, shift = supervisor(), make_shift()
    _refused(lambda: do.assign(shift.pk, user=make_user(), by=by, at=AT), "not_granted")
    short = somebody()
    grant = short.grants.get()
    grant.during = type(grant.during)(grant.during.lower, shift.during.upper - timedelta(hours=1), "[)")
    grant.save()
    said = _refused(lambda: do.assign(shift.pk, user=short, by=by, at=AT), "not_granted")
    assert "n’est pas donné" in said


def test_a_broken_rule_is_said_and_may_be_answered_with_a_reason():
    by, user = supervisor(), somebody()
    evening, morning = make_shift(0, 14), make_shift(1, 6)
    put_on(evening, user)
    said = _refused(lambda: do.assign(morning.pk, user=user, by=by, at=AT), "rules")
    assert "Repos de moins de 11 h" in said
    broken = do.assign(morning.pk, user=user, by=by, at=AT, despite="Remplacement de dernière minute")
    assert [each.rule for each in broken] == ["daily_rest"]
    assert "Motif : Remplacement de dernière minute" in RosterEvent.objects.get().said
    assert [each.said for each in queries.week(by=by, monday=MONDAY).breaches] == [broken[0].said]


def test_no_reason_puts_one_person_at_two_posts():
    by, user = supervisor(), somebody(Role.ARM, Role.ARM_COORDINATOR)
    put_on(make_shift(0, 8), user)
    other = make_shift(0, 12, role=Role.ARM_COORDINATOR)
    said = _refused(lambda: do.assign(other.pk, user=user, by=by, at=AT, despite="Si"), "one_roster_post_at_a_time")
    assert said == "Cette personne est déjà à un poste sur ces heures."


def test_posts_in_another_sas_count():
    by, user = supervisor(), somebody()
    elsewhere = make_sas("44")
    put_on(make_shift(0, 8, sas=elsewhere), user)
    here = make_shift(0, 20)
    assert "Repos de moins" in _refused(lambda: do.assign(here.pk, user=user, by=by, at=AT), "rules")


def test_contract_nights_and_trainees_come_from_the_persons_settings():
    by, user = supervisor(), somebody()
    do.save_member(user=user, weekly_hours=8, nights=False, trainee=False, remote=False, by=by)
    night, day, more = make_shift(0, 21), make_shift(2, 8), make_shift(4, 8)
    assert "Ne fait pas de nuit" in _refused(lambda: do.assign(night.pk, user=user, by=by, at=AT), "rules")
    do.assign(day.pk, user=user, by=by, at=AT)
    assert "8 h au contrat" in _refused(lambda: do.assign(more.pk, user=user, by=by, at=AT), "rules")
    trainee = somebody()
    do.save_member(user=trainee, weekly_hours=None, nights=True, trainee=True, remote=False, by=by)
    do.assign(day.pk, user=trainee, by=by, at=AT)  # in addition
    shown = queries.week(by=by, monday=MONDAY)
    assert [(place.shift.pk, place.lacking) for place in shown.gaps] == [(night.pk, 1), (more.pk, 1)]
    _refused(
        lambda: do.save_member(user=user, weekly_hours=80, nights=True, trainee=False, remote=False, by=by),
        "staff_weekly_hours",
    )


def test_versions_of_a_week_are_kept_and_a_change_is_seen():
    by, shift = supervisor(), make_shift()
    assert do.publish(monday=MONDAY, by=by, at=AT).number == 1
    _refused(lambda: do.publish(monday=MONDAY, by=by, at=AT), "unchanged")
    assert not queries.week(by=by, monday=MONDAY).changed
    user = somebody()
    do.assign(shift.pk, user=user, by=by, at=AT)
    assert queries.week(by=by, monday=MONDAY).changed
    assert do.publish(monday=MONDAY, by=by, at=AT).number == 2
    assert [version.content[0]["people"] for version in RosterPublication.objects.order_by("number")] == [[], [user.pk]]
    _refused(lambda: do.publish(monday=MONDAY + timedelta(days=7), by=by, at=AT), "empty")


def test_a_week_is_filled_with_those_who_may_come_and_what_lacks_stays_a_gap():
    by = supervisor()
    shifts = [make_shift(day, start, needed=1) for day in range(3) for start in (7, 15)]
    first, second = somebody(), somebody()
    put_on(shifts[0], first)
    roster = do.fill_week(monday=MONDAY, by=by, at=AT, effort=1.0)
    assert roster.inevitable
    shown = queries.week(by=by, monday=MONDAY)
    assert shown.breaches == []
    assert shown.lacking == 0
    assert RosterAssignment.objects.filter(shift=shifts[0]).get().user == first
    assert {each.user for each in RosterAssignment.objects.all()} == {first, second}
    assert "5 affectations" in RosterEvent.objects.get().said


@pytest.mark.parametrize("count", [1, 3])
def test_a_week_reads_in_the_same_queries(count, django_assert_num_queries):
    by = supervisor()
    for day in range(count):
        put_on(make_shift(day), somebody())
    with django_assert_num_queries(10):
        queries.week(by=by, monday=MONDAY)
