"""A delegation is asked by one and accepted by the other; either ends it, alone and at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import User
from quinze.accounts.operations import DelegateAccount, welcome_delegate
from quinze.base import events
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.base.periods import period
from quinze.directory.models import Delegation, DelegationEvent, Place, Power, Professional
from quinze.directory.queries.delegation import answers, professional_of

Kind = DelegationEvent.Kind


@dataclass(frozen=True, slots=True)
class DelegationSaid:
    """What one of the two did, for the other one to hear: never what is done under a delegation. `text`: its scope."""

    delegation: Delegation
    kind: str
    text: str
    by: Actor
    at: datetime

    @property
    def to(self) -> User | None:
        """The other one; none for a professional whose account was closed."""
        owner = self.delegation.professional.account
        return self.delegation.delegate if self.by.user == owner else owner


@dataclass(frozen=True, slots=True)
class Scope:
    """What is handed over. No place: all of them. No end: until one of the two ends it."""

    powers: Sequence[str]
    places: tuple[Place, ...] = ()
    ends: datetime | None = None


@transaction.atomic
def ask_delegation(professional: Professional, scope: Scope, *, by: Actor, at: datetime) -> Delegation:
    """A delegate asks a professional who has an account; nothing is open before that one says yes."""
    if professional.account is None:
        raise Refusal(
            f"{professional} n’a pas encore de compte Quinze et ne pourrait pas répondre : "
            "demandez à votre gestionnaire de comptes de l’inviter.",
            field="professional",
            code="no_account",
        )
    if professional.account == by.user:
        raise Refusal("On ne se délègue pas son propre agenda.", field="professional", code="self")
    return _open(professional, by.user, scope, asked_by=Delegation.AskedBy.DELEGATE, by=by, at=at)


@transaction.atomic
def invite_delegate(
    scope: Scope, *, email: str, given_name: str, family_name: str, by: Actor, at: datetime
) -> tuple[Delegation, DelegateAccount]:
    """A professional names the one who will act for them. An unknown address gets an account, to be invited by mail."""
    professional = professional_of(by.user)
    if professional is None:
        raise Refusal("Votre compte n’est relié à aucun professionnel de l’annuaire.", code="no_professional")
    welcomed = welcome_delegate(email=email, given_name=given_name, family_name=family_name, by=by, at=at)
    opened = _open(professional, welcomed.user, scope, asked_by=Delegation.AskedBy.PROFESSIONAL, by=by, at=at)
    return opened, welcomed


def _open(
    professional: Professional, delegate: User, scope: Scope, *, asked_by: str, by: Actor, at: datetime
) -> Delegation:
    _check(scope, professional, at=at)
    with refuse_violations():
        opened = Delegation.objects.create(
            professional=professional,
            delegate=delegate,
            sas=by.sas,
            powers=_ordered(scope.powers),
            during=period(at, scope.ends),
            asked_by=asked_by,
        )
    opened.places.set(scope.places)
    kind = Kind.ASKED if asked_by == Delegation.AskedBy.DELEGATE else Kind.INVITED
    _tell(opened, kind, _words(opened, scope), by=by, at=at)
    return opened


@transaction.atomic
def accept_delegation(delegation: Delegation, *, by: Actor, at: datetime, scope: Scope | None = None) -> Delegation:
    """By the side that did not ask. The professional may give less than was asked: `scope`."""
    locked = _lock(delegation, by=by, at=at)
    _check_answers(locked, by)
    locked.accepted_at = at
    locked.save(update_fields=["accepted_at"])
    if scope is not None:
        _check_owner(locked, by)
        _rescope(locked, scope, at=at)
    _tell(locked, Kind.ACCEPTED, _words(locked, scope), by=by, at=at)
    return locked


@transaction.atomic
def refuse_delegation(delegation: Delegation, *, by: Actor, at: datetime) -> Delegation:
    locked = _lock(delegation, by=by, at=at)
    _check_answers(locked, by)
    _close(locked, at=at)
    _tell(locked, Kind.REFUSED, "", by=by, at=at)
    return locked


@transaction.atomic
def change_delegation(delegation: Delegation, scope: Scope, *, by: Actor, at: datetime) -> Delegation:
    """The professional alone gives more, or less."""
    locked = _lock(delegation, by=by, at=at)
    _check_owner(locked, by)
    _rescope(locked, scope, at=at)
    _tell(locked, Kind.CHANGED, _words(locked, scope), by=by, at=at)
    return locked


@transaction.atomic
def end_delegation(delegation: Delegation, *, by: Actor, at: datetime) -> Delegation:
    """Either side, without a reason. What the delegate was doing at that instant is refused when it is saved."""
    locked = _lock(delegation, by=by, at=at)
    _close(locked, at=at)
    _tell(locked, Kind.ENDED, "", by=by, at=at)
    return locked


def on_behalf(by: Actor | None, power: str, act: str, *, at: datetime, place_ids: Iterable[int | None] = ()) -> None:
    """Inside the transaction of an act: check that the mandate still allows it, and write it down. Owners pass.

    `place_ids` are the places the act touches, None among them meaning everywhere.
    """
    if by is None or by.mandate is None:
        return
    held = Delegation.objects.select_for_update(no_key=True).filter(pk=by.mandate.delegation_id, delegate=by.user)
    delegation = held.filter(sas=by.sas).first()
    if delegation is None or not delegation.in_force(at) or power not in delegation.powers:
        raise Refusal(
            f"Votre délégation pour {by.mandate.name} ne le permet pas, ou plus : rien n’a été changé.",
            code="no_mandate",
        )
    allowed = set(delegation.places.values_list("pk", flat=True))
    if allowed and any(pk not in allowed for pk in place_ids):
        raise Refusal("Votre délégation ne porte que sur certains lieux : choisissez l’un d’eux.", field="place")
    _tell(delegation, Kind.ACT, f"{by.name} : {act}", by=by, at=at)


def _lock(delegation: Delegation, *, by: Actor, at: datetime) -> Delegation:
    locked = Delegation.objects.select_for_update(of=("self",)).select_related("professional").get(pk=delegation.pk)
    if by.user.pk not in (locked.delegate_id, locked.professional.account_id) or by.sas.pk != locked.sas_id:
        raise NotFound("Cette délégation n’existe plus, ou n’est pas l’une des vôtres.")
    if not locked.is_open(at):
        raise Conflict("Cette délégation est déjà terminée : rechargez la page.", code="ended")
    return locked


def _check_answers(delegation: Delegation, by: Actor) -> None:
    if delegation.accepted_at is not None:
        raise Conflict("Cette délégation est déjà acceptée : rechargez la page.", code="answered")
    if not answers(by, delegation):
        raise Refusal("C’est à l’autre personne de répondre.", code="not_yours")


def _check_owner(delegation: Delegation, by: Actor) -> None:
    if delegation.professional.account_id != by.user.pk:
        raise Refusal("Seul le professionnel change ce qu’il délègue.", code="not_yours")


def _check(scope: Scope, professional: Professional, *, at: datetime) -> None:
    if not scope.powers or set(scope.powers) - set(Power.values):
        raise Refusal("Choisissez au moins une chose à déléguer.", field="powers")
    if any(place.professional_id != professional.pk for place in scope.places):
        raise NotFound("Ce lieu n’est pas un lieu de ce professionnel.", field="places")
    if scope.ends is not None and scope.ends <= at:
        raise Refusal("La fin est passée : choisissez un jour à venir, ou aucun.", field="end")


def _rescope(delegation: Delegation, scope: Scope, *, at: datetime) -> None:
    _check(scope, delegation.professional, at=at)
    delegation.powers, delegation.during = _ordered(scope.powers), period(delegation.during.lower, scope.ends)
    with refuse_violations():
        delegation.save(update_fields=["powers", "during"])
    delegation.places.set(scope.places)


def _close(delegation: Delegation, *, at: datetime) -> None:
    delegation.during = period(delegation.during.lower, max(at, delegation.during.lower))
    delegation.save(update_fields=["during"])


def _ordered(powers: Iterable[str]) -> list[str]:
    return [power.value for power in Power if power in set(powers)]


def _words(delegation: Delegation, scope: Scope | None) -> str:
    if scope is None:
        return delegation.powers_words
    where = ", ".join(place.name or place.address for place in scope.places) or "partout"
    until = f"jusqu’au {scope.ends:%d/%m/%Y}" if scope.ends else "sans fin"
    return f"{delegation.powers_words} ; {where} ; {until}"


def _tell(delegation: Delegation, kind: str, text: str, *, by: Actor, at: datetime) -> None:
    DelegationEvent.objects.create(delegation=delegation, kind=kind, at=at, by=by.user, text=text[:300])
    if kind != Kind.ACT:
        events.emit(DelegationSaid(delegation, kind, text, by, at))
