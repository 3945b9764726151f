"""Which emergency department an IOA works at, said by the accounts manager of the SAS."""

from datetime import datetime

from quinze.accounts.actor import Actor
from quinze.accounts.models import User
from quinze.accounts.roles import Role
from quinze.directory.models import EmergencyNurse, Structure
from quinze.directory.models.offer import StructureKind
from quinze.directory.operations.naming import Post, name_to, remove_from

NURSE = Post(
    EmergencyNurse,
    Role.IOA,
    title="Infirmier d’accueil",
    forbidden="Votre rôle ne nomme pas les infirmiers d’accueil.",
    elsewhere="Ce service d’urgences n’est pas de votre SAS.",
    not_granted="Cette personne n’a pas le rôle IOA dans votre SAS : donnez-le d’abord.",
    ended="Cette personne n’est déjà plus infirmière d’accueil de ces urgences.",
    kind=StructureKind.ED,
)


def name_nurse(structure: Structure, user: User, *, by: Actor, at: datetime) -> EmergencyNurse:
    """Raises as `name_to`; NotFound too for a structure that is no emergency department."""
    return name_to(NURSE, structure, user, by=by, at=at)


def remove_nurse(named: EmergencyNurse, *, by: Actor, at: datetime) -> None:
    """Raises Conflict when it was done already."""
    remove_from(NURSE, named, by=by, at=at)
