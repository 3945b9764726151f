"""The charter as the doctors of a territory signed it: who is proposed, in which order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from .calendar import EVERY_DAY, Holidays, Window


class Selector(StrEnum):
    REFERRING_DOCTOR = "referring_doctor"
    REFERRING_DOCTOR_STRUCTURE = "referring_doctor_structure"
    CPTS_OF_PATIENT = "cpts_of_patient"
    CPTS_OF_PLACE = "cpts_of_place"
    PARTICIPANTS = "participants"
    STRUCTURE_KIND = "structure_kind"
    PROFESSION = "profession"
    FILIERE = "filiere"
    NOT_PARTICIPATING = "not_participating_with_public_slots"
    TELECONSULTATION = "teleconsultation"
    EMERGENCY_DEPARTMENT = "emergency_department"


SELECTORS_WITH_VALUES: Final = frozenset({Selector.STRUCTURE_KIND, Selector.PROFESSION, Selector.FILIERE})


class Participation(StrEnum):
    """How a professional takes part in the SAS."""

    INDIVIDUAL = "individual"
    CPTS = "cpts"
    MSP = "msp"
    CDS = "cds"
    SOS = "sos"


class Offer(StrEnum):
    """`overbooking` needs consent and quota instead of a seat; `contact` needs only a telephone."""

    SNP = "snp"
    PRO = "pro"
    PUBLIC = "public"
    CPTS = "cpts"
    OVERBOOKING = "overbooking"
    CONTACT = "contact"


class OrderKey(StrEnum):
    EARLIEST = "earliest"
    NEAREST = "nearest"
    FAIREST = "fairest"
    CONTINUITY = "continuity"


class Special(StrEnum):
    """Distances that are written elsewhere: in the charter's head, or in the territory's parameters."""

    DEFAULT = "default"
    TERRITORY = "territory"


@dataclass(frozen=True, slots=True)
class Minutes:
    value: int

    def to_json(self) -> dict[str, int]:
        return {"minutes": self.value}


@dataclass(frozen=True, slots=True)
class Km:
    value: float

    def to_json(self) -> dict[str, float]:
        return {"km": self.value}


Radius = Minutes | Km | Special | None


@dataclass(frozen=True, slots=True)
class Who:
    selector: Selector
    values: frozenset[str] = frozenset()

    def to_json(self) -> Any:
        if not self.values:
            return self.selector.value
        return {self.selector.value: sorted(self.values)}


@dataclass(frozen=True, slots=True)
class Needs:
    """Conditions on the request; an empty one always holds. Ages in months, [min, max)."""

    modalities: frozenset[str] = frozenset()
    specialties: frozenset[str] = frozenset()
    mobility: frozenset[str] = frozenset()
    vulnerabilities: frozenset[str] = frozenset()
    min_age_months: int | None = None
    max_age_months: int | None = None


@dataclass(frozen=True, slots=True)
class Opens:
    """At once when both are None; otherwise as soon as either holds."""

    after_minutes: int | None = None
    unserved_hours: int | None = None

    @property
    def at_once(self) -> bool:
        return self.after_minutes is None and self.unserved_hours is None


@dataclass(frozen=True, slots=True)
class Steps:
    """Below these steps two values are equal, so that a metre or a second never decides."""

    earliest_minutes: int = 15
    nearest_minutes: int = 5
    fairest_hundredths: int = 5

    def to_json(self) -> dict[str, Any]:
        return {
            "earliest_minutes": self.earliest_minutes,
            "nearest_minutes": self.nearest_minutes,
            "fairest": self.fairest_hundredths / 100,
        }


@dataclass(frozen=True, slots=True)
class Level:
    name: str
    who: Who
    offer: frozenset[Offer]
    within: Radius = Special.DEFAULT
    when: tuple[Window, ...] = ()
    needs: Needs = field(default_factory=Needs)
    opens: Opens = field(default_factory=Opens)
    order: tuple[OrderKey, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "who": self.who.to_json(),
            "offer": sorted(offer.value for offer in self.offer),
            "within": radius_to_json(self.within),
            "when": [_window_to_json(window) for window in self.when],
            "needs": _needs_to_json(self.needs),
            "opens": _opens_to_json(self.opens),
            "order": [key.value for key in self.order],
        }


@dataclass(frozen=True, slots=True)
class Charter:
    version: str
    title: str
    levels: tuple[Level, ...]
    default_radius: Radius = Special.TERRITORY
    default_order: tuple[OrderKey, ...] = (OrderKey.EARLIEST, OrderKey.NEAREST)
    steps: Steps = field(default_factory=Steps)
    authors: tuple[str, ...] = ()
    agreed_on: date | None = None

    def order_of(self, level: Level) -> tuple[OrderKey, ...]:
        return level.order or self.default_order

    def radius_of(self, level: Level) -> Radius:
        return self.default_radius if level.within is Special.DEFAULT else level.within

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "title": self.title,
            "authors": list(self.authors),
            "agreed_on": self.agreed_on.isoformat() if self.agreed_on else None,
            "default_radius": radius_to_json(self.default_radius),
            "default_order": [key.value for key in self.default_order],
            "steps": self.steps.to_json(),
            "levels": [level.to_json() for level in self.levels],
        }


def radius_to_json(radius: Radius) -> Any:
    return radius.to_json() if isinstance(radius, Minutes | Km) else radius and radius.value


def _window_to_json(window: Window) -> dict[str, Any]:
    written: dict[str, Any] = {"from": _clock(window.start), "to": _clock(window.end)}
    if window.days != EVERY_DAY:
        written["days"] = sorted(window.days)
    if window.holidays is not Holidays.ANY:
        written["holidays"] = window.holidays.value
    if window.pdsa is not None:
        written["pdsa"] = window.pdsa
    return written


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _needs_to_json(needs: Needs) -> dict[str, Any]:
    sets: Mapping[str, frozenset[str]] = {
        "modality": needs.modalities,
        "specialty": needs.specialties,
        "mobility": needs.mobility,
        "vulnerability": needs.vulnerabilities,
    }
    written: dict[str, Any] = {key: sorted(values) for key, values in sets.items() if values}
    if needs.min_age_months is not None:
        written["min_age_months"] = needs.min_age_months
    if needs.max_age_months is not None:
        written["max_age_months"] = needs.max_age_months
    return written


def _opens_to_json(opens: Opens) -> dict[str, int]:
    pairs = {"after_minutes": opens.after_minutes, "unserved_hours": opens.unserved_hours}
    return {key: value for key, value in pairs.items() if value is not None}
