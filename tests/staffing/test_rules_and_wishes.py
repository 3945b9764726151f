"""Rules chosen from a date on, wishes said by people, settings of a person: all heard by the solver."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.science.rosters import LABOUR_CODE, PUBLIC_HOSPITAL
from quinze.staffing import operations as do
from quinze.staffing.models import RosterAssignment, RosterRules, RosterWish, StaffMember
from quinze.staffing.queries import planning
from quinze.staffing.queries import rosters as queries
from quinze.staffing.roster_rules import PRESET
from quinze.staffing.wishes import sentence, wishes_between
from tests.factories.accounts import grant, login, make_actor, make_sas
from tests.factories.rosters import AT, MONDAY, make_shift, put_on, somebody, supervisor

pytestmark = pytest.mark.django_db
FIGURES = PRESET["hopital_public"].figures


@pytest.fixture
def editor(client):
    return login(client, make_actor(Role.SUPERVISOR))


def _wish(by, **values):
    told = {"weekday": None, "night": None, "first": None, "last": None, "weight": -8} | values
    return do.add_wish(**told, by=by, at=AT)


# ---- rules


def test_the_last_rules_written_for_a_day_count_and_earlier_weeks_keep_theirs():
    by = supervisor()
    assert planning.rules(by.sas, MONDAY) == LABOUR_CODE
    do.set_rules(preset="hopital_public", figures=FIGURES, valid_from=MONDAY + timedelta(days=2), by=by, at=AT)
    assert planning.rules(by.sas, MONDAY) == PUBLIC_HOSPITAL, "from the Monday of that week"
    assert planning.rules(by.sas, MONDAY - timedelta(days=7)) == LABOUR_CODE
    assert planning.rules(make_sas("44"), MONDAY) == LABOUR_CODE


def test_rules_decide_what_is_refused():
    by, user = supervisor(), somebody()
    evening, morning = make_shift(0, 12, 8), make_shift(1, 7, 8)  # 11 h apart
    put_on(evening, user)
    do.set_rules(preset="hopital_public", figures=FIGURES, valid_from=MONDAY, by=by, at=AT)
    with pytest.raises(Refusal, match="12 h"):
        do.assign(morning.pk, user=user, by=by, at=AT)
    do.set_rules(preset="code_du_travail", figures=PRESET["code_du_travail"].figures, valid_from=MONDAY, by=by, at=AT)
    assert do.assign(morning.pk, user=user, by=by, at=AT) == []


def test_rules_are_never_rewritten():
    by = supervisor()
    made = do.set_rules(preset="local", figures=FIGURES, valid_from=MONDAY, by=by, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        RosterRules.objects.filter(pk=made.pk).update(daily_rest=1)


def test_the_page_of_rules_starts_from_a_preset_and_refuses_the_absurd(editor):
    address = reverse("staffing:rules")
    assert "Décret 2002-9" in editor.get(address).content.decode()
    page = editor.get(address + "?modele=hopital_public").content.decode()
    assert 'value="36"' in page
    data = {"preset": "hopital_public", "valid_from": clock.now().date().isoformat(), "daily_rest": 12,
            "weekly_rest": 36, "longest_stretch": 12, "weekly_hours": 48, "nights_in_a_row": 4,
            "weekends_in_four": 2, "on_site_percent": 20}  # fmt: skip
    for wrong in ({"daily_rest": 99}, {"weekly_hours": ""}, {"preset": "roi"}, {"valid_from": "1999-01-01"},
                  {"nights_in_a_row": 0}, {"valid_from": "x"}):  # fmt: skip
        assert editor.post(address, data | wrong).status_code == 422
    assert not RosterRules.objects.exists()
    assert "Règles valables" in editor.post(address, data, follow=True).content.decode()
    assert planning.rules(make_sas(), clock.now().date()) == PUBLIC_HOSPITAL


# ---- wishes


def test_a_wish_is_heard_when_it_costs_nothing():
    by, first, second = supervisor(), somebody(), somebody()
    shifts = [make_shift(day, 8, 8) for day in (0, 2)]
    _wish(make_actor_of(first), weekday=2, weight=-8)  # no Wednesdays
    do.fill_week(monday=MONDAY, by=by, at=AT)
    held = dict(RosterAssignment.objects.values_list("shift", "user"))
    assert held == {shifts[0].pk: first.pk, shifts[1].pk: second.pk}


def make_actor_of(user):
    return Actor(user=user, role=Role.ARM, sas=make_sas())


def test_a_wish_never_leaves_a_place_empty():
    only = somebody()
    shift = make_shift(2, 8, 8)
    _wish(make_actor_of(only), weekday=2, weight=-8)
    roster = do.fill_week(monday=MONDAY, by=supervisor(), at=AT)
    assert roster.gaps == ()
    assert RosterAssignment.objects.get().shift == shift


def test_wishes_become_periods_of_local_days():
    paris = ZoneInfo("Europe/Paris")
    night = RosterWish(weekday=2, night=True, weight=3)
    found = wishes_between([night], MONDAY, MONDAY + timedelta(days=6), zone=paris)
    assert [(w.period.start.astimezone(paris).isoformat(), w.weight) for w in found] == [
        ("2026-12-02T23:00:00+01:00", 3)
    ]
    dated = RosterWish(first=date(2026, 12, 1), last=date(2026, 12, 2), weight=-3)
    assert len(wishes_between([dated], MONDAY, MONDAY + timedelta(days=6), zone=paris)) == 2
    assert sentence(night) == "J’aime bien : les mercredis, de nuit"
    assert sentence(dated) == "Plutôt pas : du 01/12/2026 au 02/12/2026"


def test_people_write_their_wishes_on_their_page(client):
    actor = make_actor(Role.ARM)
    mine = login(client, actor)
    page = mine.post(reverse("staffing:add_wish"), {"weight": -8, "weekday": 2}, follow=True).content.decode()
    assert "Surtout pas : les mercredis" in page
    mine.post(reverse("staffing:add_wish"), {"weight": 6, "part": "night"})
    assert RosterWish.objects.filter(user=actor.user, night=True, weight=6).exists()
    for wrong in ({"weight": -8}, {"weight": 99, "weekday": 1}, {"weight": 6, "weekday": 9}, {"weekday": 1},
                  {"weight": 6, "first": "2020-01-01"}, {"weight": 6, "first": "x"},
                  {"weight": 6, "first": "9999-01-01"},
                  {"weight": 6, "first": "2027-01-09", "last": "2027-01-02"}):  # fmt: skip
        assert mine.post(reverse("staffing:add_wish"), wrong).status_code == 422, wrong
    assert RosterWish.objects.count() == 2
    mine.post(reverse("staffing:withdraw_wish", args=[RosterWish.objects.earliest("pk").pk]))
    assert RosterWish.objects.count() == 1


def test_nobody_withdraws_the_wish_of_another():
    made = _wish(make_actor_of(somebody()), weekday=2)
    with pytest.raises(NotFound):
        do.withdraw_wish(made.pk, by=make_actor_of(somebody()))


def test_wishes_have_a_limit():
    by = make_actor_of(somebody())
    for _ in range(20):
        _wish(by, weekday=1)
    with pytest.raises(Refusal, match="20 souhaits"):
        _wish(by, weekday=1)


# ---- people


def test_who_is_kept_to_a_post_is_planned_on_it_only():
    by, user = supervisor(), somebody(Role.ARM, Role.OSNP)
    arm, osnp = make_shift(0), make_shift(2, role=Role.OSNP)
    do.save_member(user=user, weekly_hours=None, nights=True, trainee=False, remote=False, posts=["osnp"], by=by)
    do.fill_week(monday=MONDAY, by=by, at=AT)
    assert list(osnp.assignments.values_list("user", flat=True)) == [user.pk]
    assert not arm.assignments.exists()


def test_a_trainee_has_a_quota_of_shifts_beside_somebody():
    by, holder, trainee = supervisor(), somebody(), somebody()
    for day in (0, 1, 2):
        make_shift(day)
    do.save_member(user=trainee, weekly_hours=35, nights=False, trainee=True, remote=False, quota=2, by=by)
    do.fill_week(monday=MONDAY, by=by, at=AT)
    assert RosterAssignment.objects.filter(user=trainee).count() >= 2
    assert RosterAssignment.objects.filter(user=holder).count() == 3


def test_the_share_on_site_is_that_of_the_rules():
    by, doctor = supervisor(), somebody(Role.REGULATEUR_SNP)
    for day in range(5):
        make_shift(day, 8, 6, role=Role.REGULATEUR_SNP)
    do.save_member(user=doctor, weekly_hours=None, nights=True, trainee=False, remote=True, by=by)
    do.fill_week(monday=MONDAY, by=by, at=AT)
    assert RosterAssignment.objects.filter(on_site=True).count() == 1, "a fifth of five"


def test_the_page_of_a_person_saves_posts_and_quota(editor):
    user = somebody(Role.ARM)
    grant(user, Role.OSNP)
    address = reverse("staffing:person", args=[user.pk])
    page = editor.post(address, {"weekly_hours": 35, "trainee": "on", "quota": 3, "posts": ["arm"]}, follow=True)
    assert "(3 par semaine)" in page.content.decode()
    assert "seulement ARM" in page.content.decode()
    assert StaffMember.objects.get(user=user).posts == ["arm"]
    for wrong in ({"quota": 3}, {"quota": 99, "trainee": "on"}, {"posts": ["roi"]}, {"weekly_hours": 90}):
        assert editor.post(address, wrong).status_code == 422


def test_a_half_time_has_half_a_share():
    sas, user = make_sas(), somebody()
    StaffMember.objects.create(sas=sas, user=user, weekly_hours=17)
    shift = make_shift(0)
    person = queries.problem_of(sas, [shift]).person[str(user.pk)]
    assert person.share == pytest.approx(17 / 35)
