"""A week of a room, for tests.

from tests.factories.rosters import make_shift, put_on
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.periods import period
from quinze.staffing.models import RosterAssignment, RosterShift
from tests.factories.accounts import grant, make_actor, make_sas, make_user

MONDAY = date(2026, 11, 30)
AT = datetime(2026, 11, 25, 10, tzinfo=UTC)


def supervisor(sas: Sas | None = None, *, at: datetime = AT) -> Actor:
    return make_actor(Role.SUPERVISOR, sas, at=at)


def make_shift(
    day: int = 0, start: int = 8, hours: int = 8, *, role: Role = Role.ARM, needed: int = 1, sas: Sas | None = None
) -> RosterShift:
    """`day`: since the Monday of the week; `start`: local hour."""
    sas = sas or make_sas()
    first = datetime.combine(MONDAY + timedelta(days=day), time(start), ZoneInfo(sas.zone)).astimezone(UTC)
    maker = make_user()
    during = period(first, first + timedelta(hours=hours))
    return RosterShift.objects.create(sas=sas, role=role, during=during, needed=needed, made_by=maker, made_at=AT)


def somebody(*roles: Role, sas: Sas | None = None) -> User:
    """Granted these roles (ARM unless told) since a month before."""
    user = make_user()
    for role in roles or (Role.ARM,):
        grant(user, role, sas, start=min(AT, clock.now()) - timedelta(days=30))
    return user


def put_on(shift: RosterShift, user: User) -> RosterAssignment:
    return RosterAssignment.objects.create(shift=shift, user=user, during=shift.during)
