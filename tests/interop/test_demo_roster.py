"""The roster of the demonstration: made by the operations of the pages, and nobody who visits is locked out."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from quinze.accounts.actor import Actor
from quinze.accounts.models import RoleGrant, User
from quinze.accounts.operations import start_duty
from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.interop.demo import room, roster, staff
from quinze.staffing.models import RosterAssignment, RosterPublication, RosterSwap
from quinze.staffing.queries import rosters as queries
from tests.factories.accounts import make_sas

AT = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)  # a Tuesday
THIS, NEXT = date(2026, 11, 16), date(2026, 11, 23)


@pytest.fixture
def users(db: None) -> dict[str, User]:
    sas = make_sas()
    found = staff.create(sas=sas, at=AT, doctors=[], others=room.ROOM)
    roster.prepare(sas=sas, at=AT, users=found)
    return found


def _supervisor(users: dict[str, User]) -> Actor:
    return Actor(user=users["superviseur"], role=Role.SUPERVISOR, sas=make_sas())


def test_two_weeks_are_published_with_one_gap_and_one_swap_asked(users: dict[str, User]) -> None:
    assert roster.keep(at=AT) == [THIS, NEXT]
    for monday, gaps in ((THIS, []), (NEXT, [Role.EXPERT])):
        week = queries.week(by=_supervisor(users), monday=monday)
        assert week.version
        assert not week.changed
        assert [place.shift.role for place in week.gaps] == gaps, "the expert is away, everything else is held"
        assert week.breaches == [], "made by the solver: no rule is broken"
        assert {row.role for row in week.rows} == set(queries.ROLES)
    swap = RosterSwap.objects.get()
    assert (swap.taker, swap.state) == (users["arm"], "asked")
    assert swap.given.during.lower > AT
    zone = ZoneInfo("Europe/Paris")
    held = RosterAssignment.objects.filter(shift__role=Role.ARM)
    starts = {each.during.lower.astimezone(zone) for each in held}
    assert {start.hour for start in starts} == {7, 19}
    assert {start.weekday() for start in starts} == set(range(7))
    beside = RosterAssignment.objects.filter(user=users["arm14"])
    assert beside.count() >= 2, "a trainee, in addition"
    assert not RosterAssignment.objects.filter(user=users["arm7"], shift__role=Role.ARM).exists(), "kept to OSNP"
    assert RosterAssignment.objects.filter(user=users["snp5"], on_site=False).exists(), "regulates from home"
    before = list(RosterAssignment.objects.order_by("pk").values_list("shift", "user"))
    assert roster.keep(at=AT + timedelta(hours=1)) == [], "a second run changes nothing"
    assert list(RosterAssignment.objects.order_by("pk").values_list("shift", "user")) == before
    assert RosterPublication.objects.count() == 2


def test_a_visitor_takes_every_post_and_the_room_only_its_own(users: dict[str, User]) -> None:
    roster.keep(at=AT, effort=0.05)
    sas = make_sas()
    start_duty(users["superviseur"], sas=sas, role=Role.SUPERVISOR, at=AT)
    visitors = {person.email for person in staff.STAFF}
    for given in RoleGrant.objects.filter(user__email__in=visitors, role__in=queries.ROLES).select_related("user"):
        said: list[str] = []
        start_duty(given.user, sas=sas, role=Role(given.role), at=AT, warn=said.append)
        assert said == []
    on = RosterAssignment.objects.filter(during__contains=AT, shift__role=Role.ARM).values_list("user", flat=True)
    room_arms = [users[person.login] for person in room.ROOM if person.roles == (Role.ARM,)]
    off = next(user for user in room_arms if user.pk not in on)
    with pytest.raises(Refusal, match="pas au planning"):
        start_duty(off, sas=sas, role=Role.ARM, at=AT)
    for user in room_arms:
        if user.pk in on:
            start_duty(user, sas=sas, role=Role.ARM, at=AT)


def test_nothing_is_made_without_the_demonstration(db: None) -> None:
    assert roster.keep(at=AT) == []


def test_people_without_the_demonstration_are_given_no_roster(db: None) -> None:
    """Their posts would depend on what the solver finds."""
    sas = make_sas()
    staff.create(sas=sas, at=AT, doctors=[], others=room.ROOM)
    assert roster.keep(at=AT) == []
    assert not RosterPublication.objects.filter(sas=sas).exists()
