"""Who is registered with a SAS: those who take part, and those whose account says effecteur and who do not."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from quinze.accounts.models import RoleGrant, Sas
from quinze.accounts.roles import Role
from quinze.directory.models import Membership, Participation, Place, Professional


@dataclass(frozen=True, slots=True)
class Registered:
    pk: int
    name: str
    sorted_as: str
    profession: str
    specialty: str
    takes_part: bool
    via: str = ""
    accepts_overbooking: bool = False
    cpts: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()


def registered(*, sas: Sas, during: DateTimeTZRange, at: datetime) -> list[Registered]:
    """By name. Four reads: participations of the period, accounts, CPTS, places."""
    found: dict[int, Registered] = {}
    parts = Participation.objects.filter(sas=sas, professional__isnull=False, during__overlap=during)
    for part in parts.select_related("professional").order_by("during"):
        if part.professional is not None:
            found[part.professional.pk] = _taking_part(part, part.professional)
    grants = RoleGrant.objects.filter(sas=sas, role=Role.EFFECTEUR, during__contains=at)
    for person in Professional.objects.filter(account__grants__in=grants).distinct():
        found.setdefault(person.pk, _registered(person, takes_part=False))
    cpts, communes = _cpts(found, at), _communes(found)
    placed = (replace(one, cpts=tuple(cpts[one.pk]), communes=tuple(communes[one.pk])) for one in found.values())
    return sorted(placed, key=lambda one: (one.sorted_as, one.pk))


def _taking_part(part: Participation, person: Professional) -> Registered:
    known = _registered(person, takes_part=True)
    return replace(known, via=part.get_via_display(), accepts_overbooking=part.accepts_overbooking)


def _registered(person: Professional, *, takes_part: bool) -> Registered:
    name = " ".join(filter(None, [person.family_name.upper(), person.given_name]))
    return Registered(person.pk, name, person.search_name, person.profession, person.specialty, takes_part)


def _cpts(people: Iterable[int], at: datetime) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    members = Membership.objects.filter(professional__in=list(people), structure__kind="CPTS", during__contains=at)
    for person, name in members.order_by("structure__name").values_list("professional", "structure__name"):
        found[person].append(name)
    return found


def _communes(people: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    places = Place.objects.filter(professional__in=list(people), is_active=True).order_by("commune__name")
    for person, name in places.values_list("professional", "commune__name").distinct():
        found[person or 0].append(name)
    return found
