"""People at their posts, for tests.

from tests.factories.accounts import login, make_actor, make_sas, make_user
"""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.test import Client

from quinze.accounts.actor import Actor
from quinze.accounts.models import Duty, RoleGrant, Sas, User
from quinze.accounts.platform import ORIGIN
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.periods import period

PASSWORD = "quatre chevaux bleus"
BACKEND = "quinze.accounts.backends.EmailBackend"
_numbers = count(1)


def make_sas(code: str = "86", **fields: Any) -> Sas:
    """The SAS of that code, made if it is missing."""
    return Sas.objects.get_or_create(code=code, defaults={"name": f"SAS {code}", "zone": "Europe/Paris"} | fields)[0]


def make_user(email: str | None = None, *, password: str | None = None, **fields: Any) -> User:
    """Without a password unless asked: hashing one takes 50 ms."""
    number = next(_numbers)
    defaults = {"given_name": "Rose", "family_name": f"Aubépine {number}", "created_at": clock.now()}
    defaults["welcomed"] = [role.value for role in Role]  # not their first day
    return User.objects.create_user(email or f"personne{number}@exemple.invalid", password, **defaults | fields)


def grant(
    user: User, role: Role, sas: Sas | None = None, *, start: datetime | None = None, end: datetime | None = None
) -> RoleGrant:
    """Granted for a month already, without an end, unless told otherwise."""
    starts = start or clock.now() - timedelta(days=30)
    return RoleGrant.objects.create(
        user=user, sas=sas or make_sas(), role=role, during=period(starts, end), granted_at=starts
    )


def make_actor(role: Role, sas: Sas | None = None, *, user: User | None = None, at: datetime | None = None) -> Actor:
    """A person granted the role, who took the post an hour before `at` (now unless told)."""
    at = at or clock.now()
    sas = sas or make_sas()
    person = user or make_user()
    grant(person, role, sas, start=at - timedelta(days=30))
    Duty.objects.create(user=person, sas=sas, role=role, during=period(at - timedelta(hours=1)))
    return Actor(user=person, role=role, sas=sas)


def login(client: Client, actor: Actor) -> Client:
    """The client is then this person at this post."""
    client.force_login(actor.user, backend=BACKEND)
    if actor.role == Role.PLATFORM_REGULATOR:
        session = client.session
        session[ORIGIN] = "sas"
        session.save()
    return client
