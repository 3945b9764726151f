"""Everything a ranking reads, gathered at one instant."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from quinze.base.periods import local_day
from quinze.directory.queries import Surroundings
from quinze.orientation.models import CharterVersion, OrientationRequest
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries.calendar import days_in, zone_of
from quinze.orientation.queries.candidates import Origin, Question, find
from quinze.orientation.queries.charters import parsed_charter
from quinze.orientation.queries.facts import Facts, ReferringDoctor, facts_of
from quinze.orientation.queries.rota import Duty, through_duty
from quinze.orientation.travel import density_of, km_within
from quinze.patients.models import Patient
from quinze.science.charter import Charter, Km, Level, Minutes, Offer, Selector, Special
from quinze.science.distance import Density
from quinze.science.ranking import ALGORITHM, LevelRule, Need, RankingInputs, inputs_to_json, rules_of, seed_for

FALLBACK_KM = 30.0
FOUND_WITHOUT_BOX = frozenset(
    {Selector.REFERRING_DOCTOR, Selector.STRUCTURE_KIND, Selector.EMERGENCY_DEPARTMENT, Selector.TELECONSULTATION}
)
PUBLIC_FOR_PARTICIPANTS = FOUND_WITHOUT_BOX | {Selector.REFERRING_DOCTOR_STRUCTURE, Selector.PARTICIPANTS}


@dataclass(frozen=True, slots=True)
class Gathered:
    inputs: RankingInputs
    without_offer: tuple[int, ...]  # professionals
    reach_km: float = 0.0
    origin: Origin | None = None


@dataclass(frozen=True)
class Posed:
    """The question of one search before the offer is read; `inputs` has no candidate yet."""

    question: Question
    inputs: RankingInputs
    origin: Origin | None
    duty: Duty

    @cached_property
    def written(self) -> dict[str, Any]:
        """The question as the log keeps it."""
        return inputs_to_json(self.inputs)

    @cached_property
    def rules(self) -> tuple[LevelRule, ...]:
        return rules_of(self.inputs)

    @property
    def relevant(self) -> list[int]:
        """Structures and CPTS that the need names: belonging to others changes nothing here."""
        need = self.inputs.need
        return sorted(map(int, need.patient_cpts_ids | need.place_cpts_ids | need.referring_structure_ids))

    def gathered(self, inputs: RankingInputs, without_offer: tuple[int, ...]) -> Gathered:
        return Gathered(inputs, without_offer, self.question.reach_km, self.origin)


def gather(*, request: OrientationRequest, charter: CharterVersion, options: SearchOptions, at: datetime) -> Gathered:
    """With everyone as a candidate. A search of the desk does with less: see `looking`."""
    posed = pose(request=request, charter=charter, options=options, at=at)
    found = find(posed.question, origin=posed.origin)
    inputs = replace(posed.inputs, candidates=through_duty(found.candidates, posed.duty))
    return posed.gathered(inputs, found.without_offer)


def pose(
    *, request: OrientationRequest, charter: CharterVersion, options: SearchOptions, at: datetime,
    facts: Facts | None = None,
) -> Posed:  # fmt: skip
    """`facts`: read here if not given."""
    known = facts or facts_of(request, at=at, profession=options.profession)
    text, origin, referring = parsed_charter(charter), origin_of(request), known.referring
    around, duty = known.around, known.duty
    territory, days = territory_km(request, around), days_in(around.calendar, at)
    need = _need(request, options, referring, duty, at)
    question = Question(
        sas_id=request.sas_id,
        at=at,
        deadline=need.deadline,
        today=local_day(at.astimezone(ZoneInfo(zone_of(request))).date(), zone_of(request)),
        profession=options.profession or request.profession,
        specialty=_specialty(request, options),
        modalities=tuple(sorted(need.modalities)),
        patient_id=request.patient_id,
        patient_known=need.patient_known,
        age_months=need.age_months,
        referring_id=referring.professional_id,
        colleague_ids=referring.colleague_ids,
        origin=origin if _bounded(text) else None,
        reach_km=reach_km(text, options, territory=territory, density=origin.density if origin else Density.SPARSE),
        with_others=_with_others(text),
        zone_ids=tuple(sorted(map(int, duty.zones))),
        from_emergency=request.emergency_id is not None,
        sector=options.sector,
    )
    inputs = RankingInputs(
        need=need,
        at=at,
        moment=days.moment,
        zone=zone_of(request),
        charter=text,
        candidates=(),
        seed=seed_for(str(request.pk), text.version),
        algorithm=ALGORITHM,
        max_minutes=options.max_minutes,
        max_km=options.max_km,
        territory_km=territory,
        opened_levels=options.opened_levels,
        holidays_ahead=days.holidays_ahead,
        sector=options.sector,
    )
    return Posed(question, inputs, origin, duty)


def origin_of(request: OrientationRequest) -> Origin | None:
    """The address when it is placed, else the centre of the commune."""
    commune = request.commune
    density = density_of(commune.population if commune else None)
    if request.lat is not None and request.lon is not None:
        return Origin(request.lat, request.lon, density)
    if commune is None or commune.lat is None or commune.lon is None:
        return None
    return Origin(commune.lat, commune.lon, density)


def territory_km(request: OrientationRequest, around: Surroundings) -> float:
    commune = request.commune
    if commune is None:
        return FALLBACK_KM
    return around.radius_km(commune.departement_id, commune.departement.default_radius_km)


def age_in_months(patient: Patient, on: date) -> int | None:
    if patient.birth_date:
        return max(0, _months(patient.birth_date, on))
    if patient.age_months is None:
        return None
    return patient.age_months + (_months(patient.age_declared_on, on) if patient.age_declared_on else 0)


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _specialty(request: OrientationRequest, options: SearchOptions) -> str:
    """Another profession than the one asked for has no use of that one's specialty."""
    return "" if options.profession and options.profession != request.profession else request.specialty


def _need(
    request: OrientationRequest, options: SearchOptions, referring: ReferringDoctor, duty: Duty, at: datetime
) -> Need:
    patient, zone = request.patient, zone_of(request)
    specialty = _specialty(request, options)
    language = options.language or request.language
    hours = timedelta(hours=options.within_hours) if options.within_hours else None
    return Need(
        request=str(request.pk),
        asked_at=request.requested_at,
        deadline=request.deadline if hours is None else min(request.deadline, at + hours),
        professions=frozenset({options.profession or request.profession}),
        specialties=frozenset({specialty} if specialty else ()),
        modalities=frozenset({options.modality} if options.modality else request.modalities),
        languages=frozenset({language} if language not in ("", "fr") else ()),
        wheelchair=options.wheelchair or request.needs_wheelchair,
        age_months=age_in_months(patient, at.astimezone(ZoneInfo(zone)).date()),
        mobility=request.mobility,
        vulnerabilities=frozenset(request.vulnerabilities),
        patient_known=patient.identity != Patient.Identity.PROVISIONAL,
        referring_ids=referring.ids,
        referring_structure_ids=referring.structure_ids,
        patient_cpts_ids=duty.zones,
        place_cpts_ids=duty.zones,
    )


def _with_others(charter: Charter) -> bool:
    """Whether some level may designate people who take no part in the SAS, by their public seats."""
    return any(
        Offer.PUBLIC in level.offer and level.who.selector not in PUBLIC_FOR_PARTICIPANTS for level in charter.levels
    )


def _bounded(charter: Charter) -> bool:
    """False when a level that designates by territory has no limit: then the whole SAS is read."""
    return all(
        level.who.selector in FOUND_WITHOUT_BOX or charter.radius_of(level) is not None for level in charter.levels
    )


def reach_km(charter: Charter, options: SearchOptions, *, territory: float, density: Density) -> float:
    """The farthest that any level may look, as the crow flies."""
    if options.max_km is not None or options.max_minutes is not None:
        return min(options.max_km or 300.0, km_within(options.max_minutes or 600, density=density))
    limits = [_limit_km(level, charter, territory=territory, density=density) for level in charter.levels]
    return max((limit for limit in limits if limit is not None), default=territory)


def _limit_km(level: Level, charter: Charter, *, territory: float, density: Density) -> float | None:
    match charter.radius_of(level):
        case Minutes(value):
            return km_within(value, density=density)
        case Km(value):
            return value
        case Special.TERRITORY:
            return territory
        case _:
            return None
