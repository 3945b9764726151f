"""Who acts for whom. Each side reads its own."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from quinze.accounts.actor import Actor
from quinze.accounts.models import RoleGrant, Sas, User
from quinze.accounts.roles import Role
from quinze.base.codes import fold
from quinze.base.errors import NotFound
from quinze.directory.models import Delegation, DelegationEvent, Place, Professional

SHORTEST = 2


def professional_of(user: User) -> Professional | None:
    return Professional.objects.filter(account=user).first()


def mandates(user: User, sas: Sas, *, at: datetime) -> list[Delegation]:
    """In force at that instant for this delegate, by the professional's name."""
    found = Delegation.objects.filter(delegate=user, sas=sas, accepted_at__lte=at, during__contains=at)
    return list(_read(found).order_by("professional__search_name", "pk"))


def delegations(actor: Actor, *, at: datetime) -> list[Delegation]:
    """Open ones of this person, as delegate or as professional: those to be answered first."""
    found = _mine(actor).filter(Q(during__endswith__gt=at) | Q(during__upper_inf=True), during__isempty=False)
    return list(_read(found).order_by("accepted_at", "professional__search_name", "delegate__family_name", "pk"))


def waiting_for(actor: Actor, *, at: datetime) -> int:
    """How many wait for this person's answer."""
    return sum(1 for found in delegations(actor, at=at) if found.accepted_at is None and answers(actor, found))


def answers(actor: Actor, delegation: Delegation) -> bool:
    """Whether this person is the side that did not ask."""
    is_delegate = delegation.delegate_id == actor.user.pk
    return is_delegate == (delegation.asked_by == Delegation.AskedBy.PROFESSIONAL)


def own_delegation(actor: Actor, pk: int) -> Delegation:
    found = _read(_mine(actor)).filter(pk=pk).first()
    if found is None:
        raise NotFound("Cette délégation n’existe plus, ou n’est pas l’une des vôtres.")
    return found


def history(delegation: Delegation, limit: int = 100) -> QuerySet[DelegationEvent]:
    return DelegationEvent.objects.filter(delegation=delegation).select_related("by").order_by("-at", "-pk")[:limit]


def acts(of: Iterable[Delegation], limit: int = 30) -> QuerySet[DelegationEvent]:
    """What delegates did, latest first."""
    done = DelegationEvent.objects.filter(delegation__in=list(of), kind=DelegationEvent.Kind.ACT)
    return done.select_related("by", "delegation__professional").order_by("-at", "-pk")[:limit]


def _mine(actor: Actor) -> QuerySet[Delegation]:
    return Delegation.objects.filter(Q(delegate=actor.user) | Q(professional__account=actor.user), sas=actor.sas)


def _read(found: QuerySet[Delegation]) -> QuerySet[Delegation]:
    named = Prefetch("places", Place.objects.select_related("commune"))
    return found.select_related("professional", "delegate").prefetch_related(named)


def doctors_to_ask(text: str, *, sas: Sas, at: datetime, limit: int = 8) -> list[Professional]:
    """Those of that name who can answer."""
    words = fold(text).split()
    if sum(map(len, words)) < SHORTEST:
        return []
    found = _who_can_answer(sas, at)
    for word in words:
        found = found.filter(search_name__contains=word)
    return list(found.order_by("search_name", "pk")[:limit])


def doctor_to_ask(pk: int, *, sas: Sas, at: datetime) -> Professional | None:
    return _who_can_answer(sas, at).select_related("account").filter(pk=pk).first()


def _who_can_answer(sas: Sas, at: datetime) -> QuerySet[Professional]:
    """With an open account, granted the role effecteur in this SAS."""
    granted = RoleGrant.objects.filter(user=OuterRef("account"), sas=sas, role=Role.EFFECTEUR, during__contains=at)
    return Professional.objects.filter(Exists(granted), account__is_active=True)
