"""Who could be asked, read by two hand-written statements: plain rows in, science candidates out, no ORM instance."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from quinze.orientation.sentences import FAR
from quinze.orientation.travel import journeys_from
from quinze.science.charter import Offer, Participation
from quinze.science.distance import Density, haversine_km
from quinze.science.ranking import TELECONSULTATION, Candidate, Kind, Seat, stated_modalities

FOLDER = Path(__file__).parent
SEATS_SHOWN = 3  # of one place and of one sort: what an OSNP can read, and what a lost race may fall back on
FAIRNESS = timedelta(days=28)
CONTINUITY = timedelta(days=365)
KM_PER_DEGREE = 111.0
# A thousand short walks in one index that is in memory: with the defaults of a disk the planner reads all their slots.
PLANNED_FOR_MEMORY = "SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off"
BOOKABLE = """s.status = 'open' AND s.starts_at <= %(deadline)s AND s.starts_at > %(at)s - interval '12 hours'
                AND (s.starts_at >= %(at)s OR (s.kind = 'plage' AND s.ends_at > %(at)s))
                AND s.modalities && %(modalities)s::varchar[]
                AND s.sas_sees IS NOT FALSE
                AND (s.cpts_id IS NULL OR s.cpts_id = ANY(%(zones)s::bigint[]))
                AND (s.min_age_months > %(age)s::int) IS NOT TRUE AND (s.max_age_months <= %(age)s::int) IS NOT TRUE
                AND (s.notice_minutes = 0 OR s.starts_at >= %(at)s + s.notice_minutes * interval '1 minute'
                    OR (s.kind = 'plage' AND s.ends_at > %(at)s + s.notice_minutes * interval '1 minute'))
                AND (s.specialties IS NULL OR %(specialty)s = '' OR %(specialty)s = ANY(s.specialties))
                AND (s.new_patients OR s.professional_id = %(referring)s OR EXISTS (
                    SELECT 1 FROM orientation_booking before WHERE before.patient_id = %(known_patient)s
                        AND before.professional_id = s.professional_id AND before.status = 'fulfilled'
                        AND before.starts_at > %(seen_since)s))"""
SHOWN = """((local_place.shows_pro_slots AND s.audience = 'PRO')
                OR (coalesce(local_place.shows_public_slots, true) AND s.audience = 'PUBLIC')
                OR (s.sas_sees AND local_place.participation_id IS NOT NULL AND s.audience NOT IN ('SNP', 'CPTS')))"""
AWAY = {"candidates": "greatest(everywhere.until, here.until)", "structures": "NULL::numeric"}
AWAY_FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)
# A seat of one's own patients reaches a search only when its doctor shows it to the SAS, one by one.
OFFERS = {"SNP": Offer.SNP, "CPTS": Offer.CPTS, "PRO": Offer.PRO, "PUBLIC": Offer.PUBLIC, "OWN": Offer.SNP}
PROFESSIONAL, OFFERS_SOMETHING = 2, 23  # columns of candidates.sql
BY_KIND = {"SOS": Participation.SOS, "MSP": Participation.MSP, "CDS": Participation.CDS}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the person is, and the roads around."""

    lat: float
    lon: float
    density: Density

    def box(self, km: float) -> dict[str, float]:
        height = km / KM_PER_DEGREE
        width = km / (KM_PER_DEGREE * max(0.1, _cosine(self.lat)))
        return {
            "south": self.lat - height,
            "north": self.lat + height,
            "west": self.lon - width,
            "east": self.lon + width,
        }


def _cosine(latitude: float) -> float:
    return haversine_km(latitude, 0.0, to_latitude=latitude, to_longitude=1.0) / KM_PER_DEGREE


@dataclass(frozen=True, slots=True)
class Question:
    """What the two statements need to know of the request, the charter and the OSNP's filters."""

    sas_id: int
    at: datetime
    deadline: datetime
    today: tuple[datetime, datetime]
    profession: str
    specialty: str
    modalities: tuple[str, ...]
    patient_id: int
    patient_known: bool  # of a provisional identity nobody can say "already seen"
    age_months: int | None
    referring_id: int | None
    colleague_ids: tuple[int, ...]
    origin: Origin | None
    reach_km: float
    with_others: bool
    zone_ids: tuple[int, ...] = ()  # CPTS of the commune: a slot kept for another is for other people
    from_emergency: bool = False  # then only those who take reorientations are asked
    sector: str = ""  # then only professionals of that one; structures have none

    @property
    def special(self) -> list[int]:
        """Looked for by name: the referring doctor and the colleagues of their structure."""
        return [*self.colleague_ids, *(() if self.referring_id is None else (self.referring_id,))]

    @property
    def box(self) -> dict[str, float]:
        nowhere = {"south": 0.0, "north": 0.0, "west": 0.0, "east": 0.0}
        return self.origin.box(self.reach_km) if self.origin else nowhere

    def values(self) -> dict[str, Any]:
        return {
            "sas": self.sas_id,
            "at": self.at,
            "deadline": self.deadline,
            "today": self.today[0],
            "tomorrow": self.today[1],
            "fairness_since": self.at - FAIRNESS,
            "seen_since": self.at - CONTINUITY,
            "profession": self.profession,
            "specialty": self.specialty,
            "modalities": list(self.modalities),
            "video": TELECONSULTATION in self.modalities,
            "patient": self.patient_id,
            "known_patient": self.patient_id if self.patient_known else 0,
            "age": self.age_months,
            "referring": self.referring_id or 0,
            "colleagues": list(self.colleague_ids),
            "others": self.with_others,
            "zones": list(self.zone_ids),
            "from_emergency": self.from_emergency,
            "sector": self.sector,
            "everywhere": self.origin is None,
            "seats": SEATS_SHOWN,
            **self.box,
        }


@cache
def _statement(name: str) -> str:
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    seats = (FOLDER / "seats.sql").read_text(encoding="utf-8").replace("{away}", AWAY[name])
    return text.replace("{seats}", seats).replace("{bookable}", BOOKABLE).replace("{shown}", SHOWN)


@dataclass(frozen=True, slots=True)
class Found:
    """`without_offer`: those who take part and had nothing to offer, neither seat nor overbooking. They can only be
    refused, and are most of a territory at any instant: their numbers are kept, and `why_not` says the reason.
    """

    candidates: tuple[Candidate, ...]
    without_offer: tuple[int, ...]


def find(question: Question, *, origin: Origin | None) -> Found:
    """Those inside the box of the question; `origin` measures distances even when nothing bounds the search."""
    values = question.values()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLANNED_FOR_MEMORY)
        cursor.execute(_statement("candidates"), values)
        people = cursor.fetchall()
        cursor.execute(_statement("structures"), values)
        structures = cursor.fetchall()
    offering = [row for row in people if row[OFFERS_SOMETHING]]
    return Found(
        candidates=(*_professionals(offering, origin), *_structures(structures, origin)),
        without_offer=tuple(sorted({row[PROFESSIONAL] for row in people if not row[OFFERS_SOMETHING]})),
    )


def _professionals(rows: list[tuple[Any, ...]], origin: Origin | None) -> Iterator[Candidate]:
    for row in rows:
        (key, label, professional, place, profession, specialty, lat, lon, wheelchair, languages, via, visits, video,
         overbooking, overbooking_left, own_structure, structures, cpts, cpts_name, away, asked, offered, seen,
         _offers, seats) = row  # fmt: skip
        km, minutes = journey(origin, lat, lon)
        yield Candidate(
            id=key,
            label=label.strip(),
            practitioner=f"p{professional}",
            profession=profession,
            specialty=specialty,
            structure_ids=_ids(structures, own_structure),
            cpts_ids=_ids(cpts),
            place=str(place),
            via=cpts_name,
            km=km,
            minutes=minutes,
            modalities=stated_modalities(visits=bool(visits), video=bool(video)),
            seats=seats_of(seats),
            participation=Participation(via) if via else None,
            accepts_overbooking=bool(overbooking),
            overbooking_left=max(0, overbooking_left or 0),
            absent_until=_until(away),
            languages=frozenset(languages),
            wheelchair=bool(wheelchair),
            solicitations_28d=asked,
            offered_28d=offered,
            seen_within_12_months=seen,
        )


def _structures(rows: list[tuple[Any, ...]], origin: Origin | None) -> Iterator[Candidate]:
    for row in rows:
        (
            key,
            label,
            structure,
            place,
            kind,
            lat,
            lon,
            wheelchair,
            languages,
            takes_part,
            _video,
            asked,
            offered,
            seats,
        ) = row
        km, minutes = journey(origin, lat, lon)
        yield Candidate(
            id=key,
            label=label,
            kind=Kind.STRUCTURE,
            structure_kinds=frozenset({kind}),
            structure_ids=frozenset({str(structure)}),
            place=str(place),
            km=km,
            minutes=minutes,
            seats=seats_of(seats),
            participation=BY_KIND.get(kind) if takes_part else None,
            languages=frozenset(languages),
            wheelchair=kind == "ED" or bool(wheelchair),
            solicitations_28d=asked,
            offered_28d=offered,
        )


def _ids(many: list[int] | None, one: int | None = None) -> frozenset[str]:
    found = [] if many is None else [str(value) for value in many]
    return frozenset(found if one is None else [*found, str(one)])


def journey(origin: Origin | None, lat: float | None, lon: float | None) -> tuple[float | None, int | None]:
    """Kilometres and minutes; None and None when one end is not known, or when water lies between without a bridge."""
    if origin is None:
        return None, None
    return journeys_from(origin.lat, origin.lon, origin.density).to(lat, lon)


def _until(epoch: Any) -> datetime | None:
    if epoch is None:
        return None
    seconds = float(epoch)
    far = AWAY_FOR_GOOD.timestamp()
    return AWAY_FOR_GOOD.replace(year=FAR) if seconds >= far else datetime.fromtimestamp(seconds, UTC)


def seats_of(told: str | list[Any] | None) -> tuple[Seat, ...]:
    """From rows, or from their JSON."""
    if not told:
        return ()
    rows = json.loads(told) if isinstance(told, str) else told
    return tuple([
        Seat(str(slot), _instant(start), _instant(end), OFFERS[audience], _sorts(*modalities), free, plage, note)
        for slot, start, end, audience, modalities, free, plage, note in rows
    ])  # fmt: skip


@lru_cache(maxsize=4096)
def _instant(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


@cache
def _sorts(*modalities: str) -> frozenset[str]:
    return frozenset(modalities)
