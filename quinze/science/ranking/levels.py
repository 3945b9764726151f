"""The levels of a charter made ready for one question: who is designated, within which limits, open or not."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quinze.science.charter import (
    Charter,
    Km,
    Level,
    Minutes,
    Needs,
    Offer,
    OrderKey,
    Participation,
    Selector,
    Special,
    Who,
    is_open,
    next_opening,
)

from .inputs import EMERGENCY, TELECONSULTATION, Candidate, Need, RankingInputs
from .outcome import LevelState, Standing

Designates = Callable[[Candidate], bool]


@dataclass(slots=True)
class LevelRule:
    number: int
    level: Level
    designates: Designates
    needs_hold: bool
    in_calendar: bool
    max_minutes: int | None
    max_km: float | None
    order: tuple[OrderKey, ...]
    overbooking: bool
    contact: bool
    remote_only: bool

    def reaches(self, candidate: Candidate) -> bool:
        """A candidate whose distance is unknown is beyond any limit."""
        by_minutes = self.max_minutes is None or (
            candidate.minutes is not None and candidate.minutes <= self.max_minutes
        )
        by_km = self.max_km is None or (candidate.km is not None and candidate.km <= self.max_km)
        return by_minutes and by_km


def rules_of(inputs: RankingInputs) -> tuple[LevelRule, ...]:
    return tuple(_rule(number, level, inputs) for number, level in enumerate(inputs.charter.levels, start=1))


def _rule(number: int, level: Level, inputs: RankingInputs) -> LevelRule:
    max_minutes, max_km = _limits(level, inputs)
    return LevelRule(
        number=number,
        level=level,
        designates=designator(level.who, inputs.need),
        needs_hold=needs_hold(level.needs, inputs.need),
        in_calendar=number in inputs.opened_levels or is_open(level.when, inputs.moment),
        max_minutes=max_minutes,
        max_km=max_km,
        order=inputs.charter.order_of(level),
        overbooking=Offer.OVERBOOKING in level.offer,
        contact=Offer.CONTACT in level.offer,
        remote_only=level.who.selector is Selector.TELECONSULTATION,
    )


def _limits(level: Level, inputs: RankingInputs) -> tuple[int | None, float | None]:
    """What the OSNP set replaces the limit of every level that has one; a level without limit keeps none."""
    radius = inputs.charter.radius_of(level)
    if radius is not None and not (inputs.max_minutes is None and inputs.max_km is None):
        return inputs.max_minutes, inputs.max_km
    match radius:
        case Minutes(value):
            return value, None
        case Km(value):
            return None, value
        case Special.TERRITORY:
            return None, inputs.territory_km
        case _:
            return None, None


def designator(who: Who, need: Need) -> Designates:
    return DESIGNATORS[who.selector](who.values, need)


def _participants(values: Collection[str]) -> Designates:
    vias = values or frozenset({Participation.INDIVIDUAL.value})
    return lambda c: c.participation is not None and c.participation.value in vias


DESIGNATORS: dict[Selector, Callable[[Collection[str], Need], Designates]] = {
    Selector.REFERRING_DOCTOR: lambda _, need: lambda c: is_referring(c, need),
    Selector.REFERRING_DOCTOR_STRUCTURE: (
        lambda _, need: lambda c: not c.structure_ids.isdisjoint(need.referring_structure_ids)
    ),
    Selector.CPTS_OF_PATIENT: lambda _, need: lambda c: not c.cpts_ids.isdisjoint(need.patient_cpts_ids),
    Selector.CPTS_OF_PLACE: lambda _, need: lambda c: not c.cpts_ids.isdisjoint(need.place_cpts_ids),
    Selector.PARTICIPANTS: lambda values, _: _participants(values),
    Selector.STRUCTURE_KIND: lambda values, _: lambda c: not c.structure_kinds.isdisjoint(values),
    Selector.PROFESSION: lambda values, _: lambda c: c.profession in values,
    Selector.FILIERE: lambda values, _: lambda c: not c.filieres.isdisjoint(values),
    Selector.NOT_PARTICIPATING: lambda _, __: lambda c: c.participation is None,
    Selector.TELECONSULTATION: lambda _, __: offers_teleconsultation,
    Selector.EMERGENCY_DEPARTMENT: lambda _, __: lambda c: EMERGENCY in c.structure_kinds,
}


def is_referring(candidate: Candidate, need: Need) -> bool:
    return candidate.id in need.referring_ids or candidate.practitioner in need.referring_ids


def offers_teleconsultation(candidate: Candidate) -> bool:
    return TELECONSULTATION in candidate.modalities or any(TELECONSULTATION in s.modalities for s in candidate.seats)


def needs_hold(needs: Needs, need: Need) -> bool:
    """An unknown age never fulfils a condition on age: the level is for people known to be of that age."""
    return (
        (not needs.modalities or not need.modalities or not needs.modalities.isdisjoint(need.modalities))
        and (not needs.specialties or not needs.specialties.isdisjoint(need.specialties))
        and (not needs.mobility or need.mobility in needs.mobility)
        and (not needs.vulnerabilities or not needs.vulnerabilities.isdisjoint(need.vulnerabilities))
        and _age_holds(needs, need.age_months)
    )


def _age_holds(needs: Needs, age: int | None) -> bool:
    low, high = needs.min_age_months, needs.max_age_months
    if low is None and high is None:
        return True
    return age is not None and (low is None or age >= low) and (high is None or age < high)


@dataclass(frozen=True, slots=True)
class Opening:
    state: LevelState
    at: datetime | None = None
    served_by: int | None = None


@dataclass(slots=True)
class Openings:
    """Levels are opened in order, because a level of last resort looks at those before it."""

    inputs: RankingInputs
    served: dict[int, datetime]

    def open(self, rule: LevelRule, standings: Sequence[Standing]) -> Opening:
        opening = self._opening(rule)
        if not opening.state.is_open and rule.number in self.inputs.opened_levels:
            opening = Opening(LevelState.OPENED_EARLY)
        self._remember(rule.number, opening, standings)
        return opening

    def _opening(self, rule: LevelRule) -> Opening:
        inputs, opens = self.inputs, rule.level.opens
        if not is_open(rule.level.when, inputs.moment):
            return Opening(LevelState.CLOSED_BY_CALENDAR, self._calendar_opening(rule.level))
        if opens.at_once:
            return Opening(LevelState.OPEN)
        after = None
        if opens.after_minutes is not None:
            after = inputs.need.asked_at + timedelta(minutes=opens.after_minutes)
            if after <= inputs.at:
                return Opening(LevelState.OPEN)
        if opens.unserved_hours is None:
            return Opening(LevelState.WAITING, after)
        served_by = self._served_within(opens.unserved_hours)
        return Opening(LevelState.OPEN) if served_by is None else Opening(LevelState.WAITING, after, served_by)

    def _calendar_opening(self, level: Level) -> datetime | None:
        inputs = self.inputs
        return next_opening(level.when, after=inputs.at, zone=inputs.zone, holidays=inputs.holidays_ahead)

    def _served_within(self, hours: int) -> int | None:
        limit = min(self.inputs.at + timedelta(hours=hours), self.inputs.need.deadline)
        return next((number for number, instant in self.served.items() if instant <= limit), None)

    def _remember(self, number: int, opening: Opening, standings: Sequence[Standing]) -> None:
        """A closed level serves from its opening; one that opens on an unknown event serves nobody yet."""
        since = self.inputs.at if opening.state.is_open else opening.at
        if since is not None and standings:
            self.served[number] = min(max(standing.start or since, since) for standing in standings)


def radius_words(charter: Charter, level: Level) -> str:
    match charter.radius_of(level):
        case Minutes(value):
            return f"{value} min"
        case Km(value):
            return f"{value:g} km".replace(".", ",")
        case Special():
            return "la distance du territoire"
        case _:
            return "sans limite"
