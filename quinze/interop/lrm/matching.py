"""Whose appointment it may be: the files of the SAS that the regulator, the time and the place point to.

Suggestions only: RS-SAS-RDV carries neither patient nor file number, and linking is always a person's act.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from quinze.accounts.models import User
from quinze.directory.models import Place
from quinze.interop.candidates import Candidate, ranked
from quinze.interop.lrm import rdv
from quinze.interop.models import PlatformRdv
from quinze.orientation.models import OrientationRequest
from quinze.patients.queries import age_words, display_name
from quinze.regulation.models import CaseFile, Decision, Step
from quinze.science.distance import haversine_km

LOOKED_BACK = timedelta(hours=72)
SHORTLY = timedelta(hours=2)  # between the opening of a file and the booking made for it
NEAR_KM = 30.0
MOST_READ, MOST_SHOWN = 200, 15


def files(found: PlatformRdv, *, at: datetime, text: str = "") -> list[Candidate]:
    """`text`: end of a number, or the beginning of a name, when the person looks further."""
    told = rdv.read(found.content)
    cases = list(_of_sas(found, told, text)[:MOST_READ])
    users = _hands([case.number for case in cases], found.user)
    places = places_of(found)
    made = [_candidate(case, found, told, mine=case.number in users, places=places, at=at) for case in cases]
    return ranked(made)[:MOST_SHOWN]


def places_of(found: PlatformRdv) -> list[Place]:
    """Where it can be: active places of that professional, by town."""
    active = Place.objects.filter(professional=found.professional_id or 0, is_active=True)
    return list(active.select_related("commune", "structure").order_by("commune__search_name", "pk"))


def case_of(found: PlatformRdv, number: str) -> CaseFile | None:
    """A file of the same SAS, not part of another."""
    return CaseFile.objects.filter(sas=found.sas_id, number=number).exclude(step=Step.MERGED).first()


def _of_sas(found: PlatformRdv, told: rdv.Rdv, text: str) -> QuerySet[CaseFile]:
    cases = CaseFile.objects.filter(sas=found.sas_id).exclude(step=Step.MERGED).select_related("patient", "commune")
    if typed := text.strip():
        return cases.filter(
            Q(number__endswith=typed.replace(" ", "")) | Q(patient__search_name__startswith=typed.lower())
        ).order_by("-opened_at")
    since = told.created - LOOKED_BACK
    return cases.filter(opened_at__gte=since, opened_at__lte=told.created + SHORTLY).order_by("-opened_at")


def _hands(numbers: list[str], user: User | None) -> set[str]:
    """Files that this regulator opened, holds, decided or oriented."""
    if user is None:
        return set()
    held = CaseFile.objects.filter(number__in=numbers).filter(Q(opened_by=user) | Q(claimed_by=user))
    decided = Decision.objects.filter(case__number__in=numbers, by=user)
    oriented = OrientationRequest.objects.filter(case_number__in=numbers, taken_by=user)
    return {
        *held.values_list("number", flat=True),
        *decided.values_list("case__number", flat=True),
        *oriented.values_list("case_number", flat=True),
    }


def _candidate(
    case: CaseFile, found: PlatformRdv, told: rdv.Rdv, *, mine: bool, places: list[Place], at: datetime
) -> Candidate:
    apart = abs(case.opened_at - told.created)
    near = _is_near(case, places)
    speaks = {
        "même régulateur": mine,
        "à la même heure": apart <= SHORTLY,
        "lieu proche": near,
        "attend un rendez-vous": case.step in (Step.OSNP, Step.SNP),
    }
    objects = {"lieu éloigné": near is False, "dossier clos": case.step == Step.CLOSED}
    return Candidate(
        key=case.number,
        title=display_name(case.patient),
        facts=_facts(case, ZoneInfo(found.sas.zone), at),
        why=tuple(words for words, holds in speaks.items() if holds),
        against=tuple(words for words, holds in objects.items() if holds),
        order=(apart.total_seconds(),),
        person=case.patient,
    )


def _facts(case: CaseFile, zone: ZoneInfo, at: datetime) -> tuple[str, ...]:
    """Administrative ones: an OSNP reads no symptom."""
    opened = case.opened_at.astimezone(zone)
    said = (
        age_words(case.patient, on=at.astimezone(zone).date()),
        case.commune.name if case.commune else "",
        f"ouvert à {opened:%H:%M} le {opened:%d/%m}",
        f"dossier {case.number[-8:-5]} {case.number[-5:]}",
    )
    return tuple(part for part in said if part)


def _position(case: CaseFile) -> tuple[float, float] | None:
    for one in (case, case.commune):
        if one is not None and one.lat is not None and one.lon is not None:
            return one.lat, one.lon
    return None


def _is_near(case: CaseFile, places: list[Place]) -> bool | None:
    """None when one of the two places is not known."""
    here = _position(case)
    known = [(place.lat, place.lon) for place in places if place.lat is not None and place.lon is not None]
    if here is None or not known:
        return None
    latitude, longitude = here
    return any(haversine_km(latitude, longitude, to_latitude=la, to_longitude=lo) <= NEAR_KM for la, lo in known)
