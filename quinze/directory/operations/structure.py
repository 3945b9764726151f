"""What the manager of a structure says of it: how to reach its places, and on which terms it takes part."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base.errors import NotFound
from quinze.directory.models import Participation, Place, Structure
from quinze.directory.operations.participation import Terms, end_participation, set_participation
from quinze.directory.operations.people import Address, change_place
from quinze.directory.queries import participation
from quinze.directory.queries.membership import manages


@transaction.atomic
def say_of_place(
    place: Place, *, phones: Sequence[str], information: str, wheelchair: bool | None, by: Actor, at: datetime
) -> Place:
    """Of the structure's own places; its address stays that of the register."""
    if place.structure is None or place.professional_id is not None:
        raise NotFound("Ce lieu n’est pas un lieu de la structure.")
    _check_manages(place.structure, by, at=at)
    kept = Address(
        place.commune,
        place.address,
        name=place.name,
        phones=tuple(phones),
        email=place.email,
        lat=place.lat,
        lon=place.lon,
        sector=place.sector,
        wheelchair=wheelchair,
        languages=tuple(place.languages),
        information=information.strip(),
    )
    return change_place(place, kept, by=by, at=at)


@transaction.atomic
def take_part(
    structure: Structure, *, takes_part: bool, accepts_visits: bool, takes_reorientations: bool, by: Actor, at: datetime
) -> Participation | None:
    """In the manager's SAS, from now on; the past stays dated."""
    _check_manages(structure, by, at=at)
    if takes_part:
        terms = Terms(
            via=Participation.Via.STRUCTURE, accepts_visits=accepts_visits, takes_reorientations=takes_reorientations
        )
        return set_participation(structure, terms, by=by, at=at)
    return end_participation(structure, by=by, at=at) if participation(structure, by.sas, at) else None


def _check_manages(structure: Structure, by: Actor, *, at: datetime) -> None:
    mine = by.may(Capability.MANAGE_STRUCTURE) and structure.sas_id == by.sas.pk
    if not mine or not manages(by.user, structure.pk, at=at):
        raise NotFound("Cette structure n’est pas l’une de celles que vous gérez.")
