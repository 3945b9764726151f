"""Which emergency department an IOA works at, said by the accounts manager of the SAS."""

from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import RoleGrant, User
from quinze.accounts.roles import Role
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.base.periods import period
from quinze.directory.models import EmergencyNurse, Structure
from quinze.directory.models.offer import StructureKind
from quinze.directory.operations.journal import record


@transaction.atomic
def name_nurse(structure: Structure, user: User, *, by: Actor, at: datetime) -> EmergencyNurse:
    """Among people granted the role in the SAS of that department."""
    _check_names(structure, by)
    if not RoleGrant.objects.filter(user=user, sas=by.sas, role=Role.IOA, during__contains=at).exists():
        raise Refusal(
            "Cette personne n’a pas le rôle IOA dans votre SAS : donnez-le d’abord.", field="email", code="role"
        )
    with refuse_violations():
        named = EmergencyNurse.objects.create(structure=structure, user=user, during=period(at), named_by=by.user)
    record("Infirmier d’accueil nommé", structure, by=by, at=at, who=str(user))
    return named


@transaction.atomic
def remove_nurse(named: EmergencyNurse, *, by: Actor, at: datetime) -> None:
    _check_names(named.structure, by)
    row = EmergencyNurse.objects.select_for_update().get(pk=named.pk)
    if row.during.upper is not None:
        raise Conflict("Cette personne n’est déjà plus infirmière d’accueil de ces urgences.", code="ended")
    row.during = period(row.during.lower, max(at, row.during.lower))
    row.save(update_fields=["during"])
    record("Infirmier d’accueil retiré", named.structure, by=by, at=at, who=str(named.user))


def _check_names(structure: Structure, by: Actor) -> None:
    if not by.may(Capability.MANAGE_ACCOUNTS):
        raise Refusal("Votre rôle ne nomme pas les infirmiers d’accueil.", code="role")
    if structure.sas_id != by.sas.pk or structure.kind != StructureKind.ED:
        raise NotFound("Ce service d’urgences n’est pas de votre SAS.")
