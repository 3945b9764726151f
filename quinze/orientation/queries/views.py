"""What the OSNP reads: a ranking in words, with the addresses and hours that the ranking itself does not need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NamedTuple

from quinze.orientation.models import CharterVersion, RankingLog
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries.close import Place, places_of
from quinze.orientation.queries.inputs import FALLBACK_KM, origin_of, reach_km
from quinze.orientation.queries.logs import WITHOUT_OFFER, asked_from, others_of, shown_from
from quinze.orientation.queries.looking import SHOWN_PER_LEVEL
from quinze.orientation.sentences import kilometres
from quinze.science.charter import Offer, OrderKey
from quinze.science.distance import Density
from quinze.science.ranking import (
    Candidate,
    Explanations,
    Kind,
    LevelOutcome,
    LevelRule,
    Proposal,
    Ranking,
    RankingInputs,
    Reason,
    Seat,
    explain,
)

NOBODY = "la charte n'y désigne aucun des candidats"
NOBODY_FREE = "personne de ce niveau n'a de place libre avant l'échéance"
# Once: the value of a member takes longer to ask for than all the rest of a line.
KIND_CODES = {kind: kind.value for kind in Kind}
OFFER_CODES = {offer: offer.value for offer in Offer}
AUDIENCES = {offer: offer.value.upper() for offer in Offer}
ORDER_WORDS = {
    OrderKey.EARLIEST: "le plus tôt",
    OrderKey.NEAREST: "le plus proche",
    OrderKey.FAIREST: "le moins sollicité",
    OrderKey.CONTINUITY: "celui qui a déjà vu le patient",
}


class SlotView(NamedTuple):
    """A hundred of these a search."""

    id: int
    starts_at: datetime
    ends_at: datetime
    modalities: tuple[str, ...]
    free: int
    plage: bool
    audience: str
    note: str = ""  # what its doctor keeps it for


@dataclass(slots=True)
class OtherPlaceView:
    candidate: str
    label: str
    slots: tuple[SlotView, ...]


# Fifty of these a search: a frozen one takes three times longer to make.
@dataclass(slots=True)
class ProposalView:
    candidate: str
    rank: int | None  # none in a level closed at this hour
    level: int
    kind: str
    offer: str
    label: str
    professional_id: int | None
    structure_id: int | None
    place_id: int
    address: str
    commune: str
    zone: str
    phones: tuple[str, ...]
    information: str
    lat: float | None
    lon: float | None
    km: float | None
    minutes: int | None
    wheelchair: bool
    languages: tuple[str, ...]
    reasons: tuple[str, ...]
    higher: str
    slots: tuple[SlotView, ...]
    others: tuple[OtherPlaceView, ...]
    is_first: bool
    sector: str = ""  # directory.Sector


@dataclass(frozen=True, slots=True)
class LevelView:
    number: int
    name: str
    order: str
    is_open: bool
    state: str
    note: str
    proposals: tuple[ProposalView, ...]
    more: int  # proposals beyond those shown


@dataclass(frozen=True, slots=True)
class RefusedCount:
    reason: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class MapPoint:
    candidate: str
    rank: int | None
    label: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class SearchView:
    ranking_id: int
    request_id: int
    at: datetime
    charter_number: int
    charter_title: str
    zone: str
    levels: tuple[LevelView, ...]
    refused: tuple[RefusedCount, ...]
    candidates: int
    radius: str
    radius_km: float
    origin: tuple[float, float] | None
    options: SearchOptions
    _by_candidate: dict[str, ProposalView] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = {p.candidate: p for level in self.levels for p in level.proposals}
        object.__setattr__(self, "_by_candidate", found)

    @property
    def first(self) -> ProposalView | None:
        return next((p for level in self.levels if level.is_open for p in level.proposals), None)

    @property
    def points(self) -> tuple[MapPoint, ...]:
        return tuple(
            MapPoint(p.candidate, p.rank, p.label, p.lat, p.lon)
            for level in self.levels
            for p in level.proposals
            if p.lat is not None and p.lon is not None
        )

    def proposal(self, candidate: str) -> ProposalView | None:
        return self._by_candidate.get(candidate)


def view_of(log: RankingLog) -> SearchView:
    """A ranking already logged, shown again: nothing of today enters it but addresses and telephones."""
    ranking = shown_from(log)
    options, origin = _options_of(log, ranking.inputs), origin_of(log.request)
    reach = reach_km(
        ranking.inputs.charter,
        options,
        territory=ranking.inputs.territory_km or FALLBACK_KM,
        density=origin.density if origin else Density.SPARSE,
    )
    return build_view(
        log_id=log.pk,
        request_id=log.request_id,
        charter=log.charter,
        ranking=ranking,
        without_offer=tuple(log.inputs.get(WITHOUT_OFFER, ())),
        others=others_of(log),
        options=options,
        origin=(origin.lat, origin.lon) if origin else None,
        radius_km=reach,
    )


def options_of(log: RankingLog) -> SearchOptions:
    """What a search that was logged asked, without reading who was found."""
    return _options_of(log, asked_from(log))


def _options_of(log: RankingLog, inputs: RankingInputs) -> SearchOptions:
    """What was narrowed or widened by hand: where the logged need differs from the request."""
    need, request = inputs.need, log.request
    hours = round((need.deadline - inputs.at).total_seconds() / 3600) if need.deadline < request.deadline else None
    spoken = need.languages - {request.language}
    return SearchOptions(
        max_km=inputs.max_km,
        max_minutes=inputs.max_minutes,
        modality="".join(need.modalities) if need.modalities != frozenset(request.modalities) else "",
        within_hours=hours,
        language="".join(sorted(spoken)[:1]),
        wheelchair=need.wheelchair and not request.needs_wheelchair,
        profession="".join(need.professions - {request.profession}),
        sector=inputs.sector,
        opened_levels=inputs.opened_levels,
    )


def build_view(
    *,
    log_id: int | Callable[[], int],
    request_id: int,
    charter: CharterVersion,
    ranking: Ranking,
    without_offer: tuple[int, ...],
    options: SearchOptions,
    others: int = 0,
    origin: tuple[float, float] | None = None,
    radius_km: float = 0.0,
    places: Mapping[int, Place] | None = None,
    rules: tuple[LevelRule, ...] = (),
) -> SearchView:
    """`others`: those who were read and are not in the inputs of the ranking. `places` and `rules`: found here if
    not given. `log_id`: asked for once all the rest is there, if it is not known yet.
    """
    shown = _Shown(ranking, explain(ranking, rules), places, others_full=bool(without_offer))
    levels = tuple([shown.level(outcome) for outcome in ranking.levels])
    return SearchView(
        ranking_id=log_id if isinstance(log_id, int) else log_id(),
        request_id=request_id,
        at=ranking.at,
        charter_number=charter.number,
        charter_title=charter.title,
        zone=ranking.inputs.zone,
        levels=levels,
        refused=_refused(ranking, without_offer),
        candidates=len(ranking.inputs.candidates) + others + len(without_offer),
        radius=_radius_words(options, radius_km),
        radius_km=radius_km,
        origin=origin,
        options=options,
    )


def _radius_words(options: SearchOptions, radius_km: float) -> str:
    if options.max_minutes is not None:
        return f"{options.max_minutes} min"
    if options.max_km is not None:
        return kilometres(options.max_km)
    return f"distances de la charte (jusqu’à {kilometres(radius_km)})" if radius_km else "distances de la charte"


def _refused(ranking: Ranking, without_offer: tuple[int, ...]) -> tuple[RefusedCount, ...]:
    counts: dict[Reason, int] = {Reason.NO_SEAT: len(without_offer)} if without_offer else {}
    for reason, times in (*ranking.refused, *((refusal.reason, 1) for refusal in ranking.refusals)):
        counts[reason] = counts.get(reason, 0) + times
    return tuple(RefusedCount(r.value, r.words, counts[r]) for r in Reason if r in counts)


class _Shown:
    """Builds the rows; one read for the places of all of them."""

    def __init__(
        self, ranking: Ranking, words: Explanations, places: Mapping[int, Place] | None, *, others_full: bool
    ) -> None:
        self.ranking, self.words, self.others_full = ranking, words, others_full
        self.first = ranking.first.candidate if ranking.first else ""
        self.places = places_of(self._keys()) if places is None else places

    def _keys(self) -> set[int]:
        levels = self.ranking.levels
        return {int(self.words.candidates[key].place) for level in levels for key in _shown_keys(level)}

    def level(self, outcome: LevelOutcome) -> LevelView:
        charter = self.ranking.inputs.charter
        level = charter.levels[outcome.number - 1]
        return LevelView(
            number=outcome.number,
            name=self.words.level_name(outcome.number),
            order=", puis ".join(ORDER_WORDS[key] for key in charter.order_of(level)),
            is_open=outcome.state.is_open,
            state=outcome.state.value,
            note=self.note(outcome),
            proposals=tuple([self.proposal(outcome, p) for p in outcome.proposals[:SHOWN_PER_LEVEL]]),
            more=outcome.more + max(0, len(outcome.proposals) - SHOWN_PER_LEVEL),
        )

    def note(self, outcome: LevelOutcome) -> str:
        note = self.words.level(outcome.number)
        return note.replace(NOBODY, NOBODY_FREE) if self.others_full else note

    def proposal(self, outcome: LevelOutcome, proposal: Proposal) -> ProposalView:
        candidate = self.words.candidates[proposal.candidate]
        place = self.places[int(candidate.place)]
        return ProposalView(
            candidate=candidate.id,
            rank=proposal.rank,
            level=outcome.number,
            kind=KIND_CODES[candidate.kind],
            offer=OFFER_CODES[proposal.offer],
            label=candidate.label,
            professional_id=place.professional_id,
            structure_id=None if place.professional_id else place.structure_id,
            place_id=place.pk,
            address=place.address,
            commune=place.commune,
            zone=place.zone,
            phones=place.phones or _phones(place),
            information=place.information,
            lat=place.lat,
            lon=place.lon,
            km=candidate.km,
            minutes=candidate.minutes,
            wheelchair=candidate.wheelchair,
            languages=_sorted(candidate.languages),
            reasons=self.words.reasons(candidate.id),
            higher=self.words.higher(candidate.id),
            slots=_slots(candidate, proposal.slots),
            others=tuple([self._other(other.candidate, other.slots) for other in proposal.others]),
            is_first=candidate.id == self.first,
            sector=place.sector,
        )

    def _other(self, key: str, slots: tuple[str, ...]) -> OtherPlaceView:
        candidate = self.words.candidates[key]
        place = self.places[int(candidate.place)]
        return OtherPlaceView(key, f"{place.address}, {place.commune}", _slots(candidate, slots))


def _shown_keys(level: LevelOutcome) -> list[str]:
    shown = level.proposals[:SHOWN_PER_LEVEL]
    return [key for p in shown for key in (p.candidate, *(other.candidate for other in p.others))]


def _phones(place: Place) -> tuple[str, ...]:
    return (place.structure_phone,) if place.structure_phone else ()


def _slots(candidate: Candidate, slots: tuple[str, ...]) -> tuple[SlotView, ...]:
    seats = {seat.slot: seat for seat in candidate.seats}
    return tuple([_slot(seats[slot]) for slot in slots])


def _slot(seat: Seat) -> SlotView:
    modalities, audience = _sorted(seat.modalities), AUDIENCES[seat.offer]
    return SlotView(int(seat.slot), seat.start, seat.end, modalities, seat.free, seat.plage, audience, seat.note)


@cache
def _sorted(few: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(few))
