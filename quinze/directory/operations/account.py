"""Whose account a sheet of the directory is: said by an accounts manager."""

from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import User
from quinze.accounts.operations import AccountOfRegister
from quinze.base.errors import Refusal
from quinze.directory.models import Professional
from quinze.directory.operations.journal import record


@transaction.atomic
def tie_account(professional: Professional, user: User, *, by: Actor, at: datetime) -> Professional:
    """One account for one sheet. Refused when either already has another."""
    if not by.may(Capability.MANAGE_ACCOUNTS):
        raise Refusal("Votre rôle ne relie pas les comptes à l’annuaire.", code="role")
    if not user.grants.filter(sas=by.sas).exists():
        raise Refusal("Ce compte n’est pas de votre SAS.", field="email", code="not_found")
    locked = Professional.objects.select_for_update(no_key=True).get(pk=professional.pk)
    if locked.account_id == user.pk:
        return locked
    if locked.account_id is not None:
        raise Refusal(f"{locked} a déjà un compte.", field="email", code="exists")
    if other := Professional.objects.filter(account=user).first():
        raise Refusal(f"Ce compte est déjà celui de {other}.", field="email", code="other_person")
    locked.account = user
    locked.save(update_fields=["account"])
    record("Compte relié", locked, by=by, at=at, account=user.email)
    return locked


def tie_to_register(event: AccountOfRegister) -> None:
    """A line of a list gave an RPPS."""
    known = Professional.objects.filter(rpps=event.rpps).first()
    if known is None:
        raise Refusal("RPPS inconnu de l’annuaire : laissez la colonne vide, puis créez sa fiche.", code="rpps")
    tie_account(known, event.user, by=event.by, at=event.at)
