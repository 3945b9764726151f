from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from math import cos, radians

from django.db.models import Case, Exists, F, FloatField, Model, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from quinze.accounts.models import Sas
from quinze.base.codes import fold
from quinze.directory.identifiers import compact
from quinze.directory.models import (
    Commune,
    DirectoryChange,
    Membership,
    Participation,
    Place,
    Professional,
    SasCommune,
    Structure,
)

KM_PER_DEGREE = 111.2
GENERAL_PRACTICE = ("SM26", "SM53", "SM54")  # TRE_R38: the three ways of being registered as a GP
PHYSICIAN = "10"
SHORTEST = 2


def search_professionals(
    text: str,
    *,
    sas: Sas | None = None,
    near: tuple[float, float] | None = None,
    within_km: float | None = None,
    profession: str | None = None,
    specialties: Iterable[str] = (),
    departements: Iterable[str] = (),
    limit: int = 20,
) -> list[Professional]:
    """By name (each word begins one of the names) or by identifier; nearest place first when `near` is given.

    With a SAS, those who practise on its territory come first. Each comes with its active places (`active_places`,
    commune included) and the town of the first (`town`).
    """
    found = _named(text)
    if found is None:
        return []
    found = _narrowed(found, profession=profession, specialties=tuple(specialties), departements=tuple(departements))
    order = ["other_name", "search_name", "pk"]
    if sas is not None:
        found = found.annotate(elsewhere=~Exists(_places_of_territory(sas)))
        order = ["elsewhere", *order]
    if near is not None:
        found = _by_distance(found, near, within_km)
        order = ["distance_km", *order]
    chosen = list(found.order_by(*order)[:limit])
    _attach_places(chosen)
    return chosen


def _places_of_territory(sas: Sas) -> QuerySet[Place]:
    covered = SasCommune.objects.filter(sas=sas).values("commune_id")
    return Place.objects.filter(professional=OuterRef("pk"), is_active=True, commune__in=covered)


def _named(text: str) -> QuerySet[Professional] | None:
    number = compact(text)
    if number.isdigit() and len(number) >= 8:
        known = Q(rpps=number) | Q(adeli=number) | Q(rpps=number[1:]) | Q(adeli=number[1:])
        return Professional.objects.filter(known).annotate(other_name=Value(0))
    words = fold(text).split()
    if sum(map(len, words)) < SHORTEST:
        return None
    first, *others = words
    found = Professional.objects.filter(_begins_a_word(first))
    for word in others:
        found = found.filter(_begins_a_word(word))
    return found.annotate(other_name=Case(When(search_name__startswith=first, then=0), default=1))


def _begins_a_word(word: str) -> Q:
    return Q(search_name__startswith=word) | Q(search_name__contains=f" {word}")


def _narrowed(
    found: QuerySet[Professional],
    *,
    profession: str | None,
    specialties: tuple[str, ...],
    departements: tuple[str, ...],
) -> QuerySet[Professional]:
    if profession:
        found = found.filter(profession=profession)
    if specialties:
        found = found.filter(specialty__in=specialties)
    if departements:
        places = Place.objects.filter(is_active=True, commune__departement__in=departements)
        found = found.filter(pk__in=places.values("professional_id"))
    return found


def _by_distance(
    found: QuerySet[Professional], near: tuple[float, float], within_km: float | None
) -> QuerySet[Professional]:
    """A flat map is exact enough at these distances, and PostgreSQL needs no extension for it."""
    lat, lon = near
    nearest = RawSQL(
        "(SELECT min(|/ (((p.lat - %s) * %s) ^ 2 + ((p.lon - %s) * %s) ^ 2)) FROM directory_place p"
        " WHERE p.professional_id = directory_professional.id AND p.is_active)",
        [lat, KM_PER_DEGREE, lon, KM_PER_DEGREE * cos(radians(lat))],
        output_field=FloatField(),
    )
    found = found.annotate(distance_km=nearest).filter(distance_km__isnull=False)
    return found.filter(distance_km__lte=within_km) if within_km is not None else found


def _attach_places(professionals: list[Professional]) -> None:
    places = Place.objects.filter(professional__in=professionals, is_active=True).select_related("commune", "structure")
    of: dict[int | None, list[Place]] = defaultdict(list)
    for place in places.order_by("commune__search_name", "pk"):
        of[place.professional_id].append(place)
    for person in professionals:
        mine = of[person.pk]
        person.active_places = mine  # type: ignore[attr-defined]
        person.town = mine[0].commune.name if mine else ""  # type: ignore[attr-defined]


def search_referring_doctor(
    text: str, *, near: tuple[float, float] | None = None, limit: int = 8
) -> list[Professional]:
    """A general practitioner, as the patient names them: nearest first."""
    return search_professionals(text, near=near, profession=PHYSICIAN, specialties=GENERAL_PRACTICE, limit=limit)


def structure(pk: int) -> Structure | None:
    return Structure.objects.select_related("sas").filter(pk=pk).first()


def professional(pk: int) -> Professional | None:
    return Professional.objects.select_related("account").filter(pk=pk).first()


def place(pk: int) -> Place | None:
    return Place.objects.select_related("commune", "professional", "structure").filter(pk=pk).first()


def places_of(owner: Professional | Structure) -> QuerySet[Place]:
    whose = {"professional": owner} if isinstance(owner, Professional) else {"structure": owner, "professional": None}
    return (
        Place.objects.filter(**whose)
        .select_related("commune", "structure", "replaces")
        .order_by("-is_active", "commune__search_name", "pk")
    )


def memberships_of(professional: Professional, at: datetime) -> QuerySet[Membership]:
    return (
        Membership.objects.filter(professional=professional, during__contains=at)
        .select_related("structure")
        .order_by("structure__name")
    )


def structures_of(professional: Professional, at: datetime) -> QuerySet[Structure]:
    member = Membership.objects.filter(professional=professional, during__contains=at)
    return Structure.objects.filter(pk__in=member.values("structure_id")).order_by("name")


def members_of(structure: Structure, at: datetime) -> QuerySet[Professional]:
    member = Membership.objects.filter(structure=structure, during__contains=at)
    return Professional.objects.filter(pk__in=member.values("professional_id")).order_by("search_name")


def cpts_of(commune: Commune) -> QuerySet[Structure]:
    return Structure.objects.filter(kind="CPTS", zone_communes__commune=commune).order_by("name")


def search_structures(
    text: str, *, kind: str | None = None, sas: Sas | None = None, limit: int = 20
) -> list[Structure]:
    """Those whose name holds every word typed, whatever the accents."""
    words = fold(text).split()
    candidates = Structure.objects.all()
    if kind:
        candidates = candidates.filter(kind=kind)
    if sas is not None:
        candidates = candidates.filter(Q(sas=sas) | Q(sas__isnull=True))
    for word in words:
        candidates = candidates.filter(search_name__contains=word)
    return list(candidates.order_by(F("sas").asc(nulls_last=True), "name")[:limit])


def structures_to_join(sas: Sas) -> QuerySet[Structure]:
    """Those of the SAS, and the national ones that have a place on its territory."""
    covered = SasCommune.objects.filter(sas=sas).values("commune_id")
    near = Place.objects.filter(commune__in=covered, structure__isnull=False).values("structure_id")
    return Structure.objects.filter(Q(sas=sas) | Q(pk__in=near)).order_by("kind", "name")


def participating(professionals: Iterable[Professional], sas: Sas, at: datetime) -> dict[int, Participation]:
    """Those of them who take part now, by professional."""
    rows = Participation.objects.filter(sas=sas, during__contains=at, professional__in=list(professionals))
    return {row.professional_id: row for row in rows.select_related("via_structure") if row.professional_id}


def participation(owner: Professional | Structure, sas: Sas, at: datetime) -> Participation | None:
    whose = {"professional": owner} if isinstance(owner, Professional) else {"structure": owner}
    return Participation.objects.filter(sas=sas, during__contains=at, **whose).select_related("via_structure").first()


def participations_of(owner: Professional | Structure, sas: Sas) -> QuerySet[Participation]:
    """All, past and present, latest first."""
    whose = {"professional": owner} if isinstance(owner, Professional) else {"structure": owner}
    return Participation.objects.filter(sas=sas, **whose).select_related("via_structure").order_by("-during")


def journal_of(subject: Model, limit: int = 50) -> QuerySet[DirectoryChange]:
    """Who changed what of this sheet, latest first."""
    name = f"{subject._meta.model_name}:{subject.pk}"
    return DirectoryChange.objects.filter(subject=name).select_related("by").order_by("-at", "-pk")[:limit]
