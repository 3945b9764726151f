"""A question written once answers as the queryset it was made from, whatever the values."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat

from quinze.accounts.models import RoleGrant, User
from quinze.accounts.roles import Role
from quinze.base.written import Written
from tests.factories.accounts import grant, make_sas, make_user

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def held(user: int, at: datetime):
    grants = RoleGrant.objects.filter(user_id=user, during__contains=at).select_related("user", "sas")
    return grants.annotate(who=Concat("user__given_name", Value(" "), "user__family_name")).order_by("pk")


HELD = Written(held, user=int, at=datetime)
NAMES = Written(
    lambda name: User.objects.filter(given_name=name).order_by("pk").values_list("pk", "family_name"), name=str
)
KEYS = Written(lambda name: User.objects.filter(given_name=name).order_by("pk").values_list("pk", flat=True), name=str)


def test_it_gives_what_the_queryset_gives_for_each_value(django_assert_num_queries):
    first, second = make_user(given_name="Iris"), make_user(given_name="Rose")
    for user, role in ((first, Role.ARM), (first, Role.OSNP), (second, Role.ARM)):
        grant(user, role, start=AT, end=AT + timedelta(days=1))
    for user, at in ((first, AT), (second, AT), (first, AT + timedelta(days=2)), (first, AT + timedelta(hours=3))):
        expected = list(held(user.pk, at))
        with django_assert_num_queries(1):
            found = HELD(user=user.pk, at=at)
            assert [(one, one.user, one.sas, one.who) for one in found] == [(e, e.user, e.sas, e.who) for e in expected]
            assert [one.during for one in found] == [one.during for one in expected]
    assert len(HELD(user=first.pk, at=AT)) == 2


def test_tuples_and_single_values_too():
    rose = make_user(given_name="Rose d’été")
    assert NAMES(name="Rose d’été") == [(rose.pk, rose.family_name)]
    assert KEYS(name="Rose d’été") == [rose.pk]
    assert KEYS(name="'; DROP TABLE accounts_user; --") == []


def test_django_writes_it_once():
    make_sas()
    HELD(user=1, at=AT)
    before = HELD.prepare()
    HELD(user=2, at=AT)
    assert HELD.prepare() is before


def test_a_value_that_would_be_ignored_is_refused():
    forgetful = Written(lambda user, at: RoleGrant.objects.filter(user_id=user), user=int, at=datetime)  # noqa: ARG005
    with pytest.raises(TypeError, match="at"):
        forgetful(user=1, at=AT)


@pytest.mark.parametrize(
    "build",
    [
        lambda at: RoleGrant.objects.filter(during__contains=at, granted_at__gt=at - timedelta(hours=1)),
        lambda at: RoleGrant.objects.filter(granted_at=at, during__overlap=(at, at + timedelta(days=9))),
        lambda at: RoleGrant.objects.filter(granted_at=at, granted_at__date__in=[at.date()]),
    ],
)
def test_an_instant_computed_from_another_is_refused_not_kept_for_ever(build):
    with pytest.raises(TypeError, match="computed"):
        Written(build, at=datetime)(at=AT)


def test_so_are_a_number_and_a_text():
    with pytest.raises(TypeError, match="computed"):
        Written(lambda user: RoleGrant.objects.filter(user_id=user, pk__gt=user - 5), user=int)(user=1)
    with pytest.raises(TypeError, match="computed"):
        Written(lambda name: User.objects.filter(email=name, given_name__startswith=name), name=str)(name="I")


def test_what_asks_other_questions_or_gives_other_rows_is_refused():
    with pytest.raises(TypeError, match="prefetch"):
        Written(lambda user: User.objects.filter(pk=user).prefetch_related("groups"), user=int)(user=1)
    with pytest.raises(TypeError, match="values_list"):
        Written(lambda user: User.objects.filter(pk=user).values("pk"), user=int)(user=1)
    with pytest.raises(TypeError, match="stand-in"):
        Written(lambda user: User.objects.filter(pk=user, is_active=F("is_active")), user=bool)
