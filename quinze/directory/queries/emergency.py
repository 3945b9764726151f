"""Emergency departments and the IOA who work there."""

from datetime import datetime

from django.db.models import QuerySet

from quinze.accounts.actor import Actor
from quinze.directory.models import EmergencyNurse, Place, Structure
from quinze.directory.models.offer import StructureKind


def departments_of(actor: Actor, *, at: datetime) -> list[Structure]:
    """Where this person works as an IOA, in the SAS of the post they hold, by name."""
    mine = EmergencyNurse.objects.filter(user=actor.user, during__contains=at).values("structure")
    found = Structure.objects.filter(pk__in=mine, sas=actor.sas, kind=StructureKind.ED)
    return list(found.order_by("name", "pk"))


def nurses_of(structure: Structure, *, at: datetime) -> QuerySet[EmergencyNurse]:
    rows = EmergencyNurse.objects.filter(structure=structure, during__contains=at).select_related("user", "structure")
    return rows.order_by("user__family_name", "pk")


def place_of_department(structure: Structure) -> Place | None:
    """Where the people it reorients are now."""
    places = Place.objects.filter(structure=structure, professional=None, is_active=True).select_related("commune")
    return places.order_by("pk").first()
