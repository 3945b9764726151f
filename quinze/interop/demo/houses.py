"""What structures have beside their name: the doctors with an account as members, and hours of a health centre."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.availability.opening import RuleSpec
from quinze.availability.operations import add_rule
from quinze.directory.models import Membership, Professional, Structure
from quinze.directory.operations.people import join_structure
from quinze.interop.demo.stories import GP

HEALTH_CENTRE = "Centre de santé des Couronneries"
YEAR = timedelta(days=365)


def furnish(*, sas: Sas, at: datetime, users: Mapping[str, User], doctors: Sequence[Professional]) -> None:
    """After the managers are named, before the slots are made."""
    keeper = Actor(users["admin"], Role.ADMINISTRATOR, sas)
    for doctor in doctors:
        town = doctor.places.order_by("pk").values("commune")[:1]
        cpts = Structure.objects.get(sas=sas, kind="CPTS", zone_communes__commune__in=town)
        if not Membership.objects.filter(structure=cpts, professional=doctor).exists():
            join_structure(doctor, cpts, by=keeper, at=at - YEAR)
    centre = Structure.objects.get(sas=sas, name=HEALTH_CENTRE)
    place = centre.places.order_by("pk")[0]
    near = Professional.objects.filter(
        profession=GP, account=None, places__commune=place.commune, places__structure=None, participations=None
    )
    for employee in near.order_by("pk")[:4]:
        join_structure(employee, centre, by=keeper, at=at - YEAR)
    manager = Actor(users["structure"], Role.STRUCTURE_MANAGER, sas)
    began = at - timedelta(days=30)
    hours = RuleSpec(
        place.pk, weekdays=(0, 1, 2, 3, 4), starts=time(9), ends=time(11), valid_from=began.date(), capacity=2
    )
    add_rule(hours, by=manager, at=began)
