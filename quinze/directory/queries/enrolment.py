"""What the directory knows of somebody who has just proved their national identity."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from quinze.accounts.models import Sas
from quinze.accounts.psc.identity import PscIdentity
from quinze.base.codes import fold
from quinze.base.errors import Refusal
from quinze.directory import identifiers
from quinze.directory.models import Commune, Participation, Place, Professional, SasCommune
from quinze.directory.models.enrolment import EnrolmentRequest


@dataclass(frozen=True, slots=True)
class KnownPlace:
    place: Place
    sas: tuple[Sas, ...]  # those whose territory covers it


def professional_by_national_id(subject: str) -> Professional | None:
    """By the prefixed national identifier. None for one that the directory does not hold, or that is no IDNPS."""
    try:
        known = identifiers.idnps(subject)
    except Refusal:
        return None
    whose = {name: value for name, value in known._asdict().items() if value}
    return Professional.objects.select_related("account").filter(**whose).first()


def known_places(professional: Professional) -> list[KnownPlace]:
    """Active places with the SAS of each: two queries, however many there are."""
    active = Place.objects.filter(professional=professional, is_active=True)
    places = list(active.select_related("commune", "structure").order_by("commune__search_name", "pk"))
    rows = SasCommune.objects.filter(commune__in=[place.commune_id for place in places]).select_related("sas")
    covering = [(row.commune_id, row.sas) for row in rows.order_by("sas__code")]
    return [
        KnownPlace(place, tuple(sas for commune, sas in covering if commune == place.commune_id)) for place in places
    ]


def sas_of(places: list[KnownPlace]) -> list[Sas]:
    """Each once, by code."""
    found = {sas.pk: sas for known in places for sas in known.sas}
    return sorted(found.values(), key=lambda sas: sas.code)


def taking_part(professional: Professional, sas: list[Sas], *, at: datetime) -> list[Sas]:
    """Those of them in which this person takes part already."""
    rows = Participation.objects.filter(professional=professional, sas__in=sas, during__contains=at)
    known = set(rows.values_list("sas_id", flat=True))
    return [each for each in sas if each.pk in known]


def commune_said(person: PscIdentity) -> Commune | None:
    """Where the first place that Pro Santé Connect names lies: by INSEE code, else by a postal code of one commune."""
    for activity in (each for practice in person.practices for each in practice.activities):
        if activity.commune and (found := Commune.objects.filter(insee=activity.commune).first()):
            return found
        if activity.postal_code:
            several = list(Commune.objects.filter(postal_codes__contains=[activity.postal_code])[:2])
            if len(several) == 1:
                return several[0]
    return None


def sas_covering(commune: Commune | None) -> Sas | None:
    row = SasCommune.objects.filter(commune=commune).select_related("sas").order_by("sas__code").first()
    return row.sas if commune and row else None


def sas_of_place(place_id: int) -> Sas | None:
    """The SAS whose territory covers an active place."""
    place = Place.objects.select_related("commune").filter(pk=place_id, is_active=True).first()
    return sas_covering(place.commune) if place else None


def same_name(professional: Professional, person: PscIdentity) -> bool:
    """The register and the account speak of the same family name, accents and case apart."""
    return fold(professional.family_name) == fold(person.family_name)


def waiting_requests(sas: Sas) -> QuerySet[EnrolmentRequest]:
    """Oldest first."""
    rows = EnrolmentRequest.objects.filter(sas=sas, answered_at__isnull=True)
    return rows.select_related("commune").order_by("asked_at", "pk")


def answered_requests(sas: Sas, *, limit: int = 50) -> QuerySet[EnrolmentRequest]:
    """Latest first."""
    rows = EnrolmentRequest.objects.filter(sas=sas, answered_at__isnull=False)
    return rows.select_related("answered_by").order_by("-answered_at", "-pk")[:limit]
