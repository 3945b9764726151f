from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from quinze.accounts import second_factor
from quinze.accounts.events import PostAsked, PostTaken
from quinze.accounts.models import Derogation, Duty, RoleGrant, Sas, User
from quinze.accounts.operations.authority import lock
from quinze.accounts.roles import STAFF_ROLES, Role
from quinze.accounts.shifts import LONGEST_DUTY, REST, Worked, excluded_by
from quinze.base import events
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.periods import period

TICK = timedelta(microseconds=1)


@transaction.atomic
def start_duty(
    user: User,
    *,
    sas: Sas,
    role: Role,
    at: datetime,
    two_factors: bool = False,
    warn: Callable[[str], None] = lambda _said: None,
) -> Duty:
    """Take a post; the one held until now is left. Taking again the post one holds changes nothing.

    `warn` is told, in French, what the person should know although nothing forbids the post.

    `two_factors`: the national identity provider vouched for them at this login, ours is not needed.
    """
    if not lock(user).is_active:
        raise Refusal("Ce compte est suspendu : adressez-vous au gestionnaire de comptes.", code="suspended")
    _check_granted(user, sas=sas, role=role, at=at)
    if not two_factors:
        _check_second_factor(user, role)
    held = _last(user)
    if held and _is_open(held, at) and (held.sas_id, held.role) == (sas.pk, role):
        return held
    _check_shift(user, sas=sas, role=role, at=at)
    events.emit(PostAsked(user, sas, Role(role), at, warn))
    start = max(at, _close(held, at=at)) if held else at
    with refuse_violations():
        taken = Duty.objects.create(user=user, sas=sas, role=role, during=period(start))
    events.emit(PostTaken(user, sas, Role(role), at))
    return taken


@transaction.atomic
def end_duty(user: User, *, at: datetime, sas: Sas | None = None, role: Role | None = None) -> Duty | None:
    """Leave the post; only if it is that one when `sas` and `role` are said. None when there was nothing to leave."""
    lock(user)
    held = _last(user)
    if held is None or held.during.upper is not None:
        return None
    if (sas and held.sas_id != sas.pk) or (role and held.role != role):
        return None
    _close(held, at=at)
    return held


def _last(user: User) -> Duty | None:
    """Posts of one person never overlap: the last to begin is the last to end."""
    return Duty.objects.filter(user=user).order_by("-during__startswith").first()


def _is_open(duty: Duty, at: datetime) -> bool:
    return duty.during.upper is None and at - duty.during.lower < LONGEST_DUTY


def _close(duty: Duty, *, at: datetime) -> datetime:
    """When the post ended. One that was forgotten ended when nobody can have held it any longer."""
    if duty.during.upper is None:
        end = min(max(at, duty.during.lower + TICK), duty.during.lower + LONGEST_DUTY)
        duty.during = period(duty.during.lower, end)
        duty.save(update_fields=["during"])
    closed: datetime = duty.during.upper
    return closed


def _check_granted(user: User, *, sas: Sas, role: Role, at: datetime) -> None:
    if not RoleGrant.objects.filter(user=user, sas=sas, role=role, during__contains=at).exists():
        raise Refusal(
            f"Le rôle {Role(role).label} ne vous est pas donné aujourd’hui dans ce SAS : "
            "adressez-vous au gestionnaire de comptes.",
            field="grant",
            code="not_granted",
        )


def _check_second_factor(user: User, role: Role) -> None:
    if settings.QUINZE_SECOND_FACTOR and role in STAFF_ROLES and not second_factor.enrolled(user):
        raise Refusal("Ce poste demande un second facteur : enregistrez d’abord votre téléphone.", code="second_factor")


def _check_shift(user: User, *, sas: Sas, role: Role, at: datetime) -> None:
    recent = Duty.objects.filter(user=user).filter(
        Q(during__endswith__gt=at - 4 * REST) | Q(during__endswith__isnull=True)
    )
    worked = [
        Worked(role=Role(d.role), start=d.during.lower, end=d.during.upper) for d in recent if not d.during.isempty
    ]
    other = excluded_by(Role(role), worked, at=at)
    if other and not Derogation.objects.filter(user=user, sas=sas, during__contains=at).exists():
        raise Refusal(
            f"Vous avez tenu le poste {other.label} dans cette vacation : on n’est pas ARM et OSNP à la fois. "
            "Il faut 11 heures de repos entre les deux, ou une dérogation datée du SAS.",
            field="grant",
            code="exclusive",
        )
