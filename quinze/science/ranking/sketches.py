"""Everyone who may be asked, as plain rows: what a verdict and an order need, and nothing to show.

A dense town has a thousand people with a seat, of whom a person reads fifteen. A sketch is one of the thousand.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from quinze.science.charter import Offer, Participation

from .inputs import TELECONSULTATION, Candidate, Kind, Seat

# A free seat in one integer, which sorts as (start, slot): seconds since 2020, then the slot's number.
EPOCH, SLOT_BITS = 1_577_836_800, 33
OFFERS = (Offer.SNP, Offer.CPTS, Offer.PRO, Offer.PUBLIC)  # order of `starts` and `after_absence`
MOMENT = timedelta(minutes=1)
NONE_FREE: "Starts" = (None, None, None, None)
BY_VIA = {"": None} | {way.value: way for way in Participation}
Starts = tuple[int | None, int | None, int | None, int | None]


class Sketch(NamedTuple):
    """A professional or a structure at one place. Instants are seconds since 1970; starts are bookable ones, in a
    modality asked for, up to the deadline; one already past but still bookable (a plage in progress) starts at the
    instant of the search.
    """

    owner: int
    place: int
    structure_kind: str  # empty: a professional
    label: str
    profession: str
    specialty: str
    km: float | None
    minutes: int | None
    via: str  # how they take part; empty: they do not
    visits: bool
    video: bool
    overbooking: bool
    overbooking_left: int
    wheelchair: bool
    languages: tuple[str, ...]
    belongs: tuple[int, ...]  # structures and CPTS, of those that the need names
    away_until: int | None
    asked: int
    offered: int
    seen: bool
    starts: Starts  # the first free seat of each offer, as `coded`
    after_absence: Starts  # and the first one after `away_until`
    stale: bool = False  # the doctor's outside calendar could not be read lately

    @property
    def id(self) -> str:
        return f"{'s' if self.structure_kind else 'p'}{self.owner}@{self.place}"

    @property
    def person(self) -> str:
        return self.id if self.structure_kind else f"p{self.owner}"


def sketch_from_json(raw: list[Any]) -> Sketch:
    *facts, starts, after, stale = raw
    facts[14], facts[15] = tuple(facts[14]), tuple(facts[15])
    return Sketch._make([*facts, tuple(starts), tuple(after), stale])


def candidate_of(sketch: Sketch, *, wanted: frozenset[str]) -> Candidate:
    """The candidate that the ranking's own tests read. `wanted`: modalities asked for, which the seats all offer."""
    belongs = frozenset(map(str, sketch.belongs))
    return completed(sketch, seats=tuple(_seats(sketch, wanted)), structure_ids=belongs, cpts_ids=belongs)


def completed(
    sketch: Sketch,
    *,
    seats: tuple[Seat, ...],
    structure_ids: frozenset[str] = frozenset(),
    cpts_ids: frozenset[str] = frozenset(),
    via: str = "",
) -> Candidate:
    """With what was read more closely of someone who is shown."""
    if sketch.structure_kind:
        return Candidate(
            id=sketch.id, label=sketch.label, kind=Kind.STRUCTURE, structure_kinds=frozenset({sketch.structure_kind}),
            structure_ids=frozenset({str(sketch.owner)}), place=str(sketch.place), km=sketch.km,
            minutes=sketch.minutes, seats=seats, participation=BY_VIA[sketch.via],
            languages=frozenset(sketch.languages), wheelchair=sketch.wheelchair, solicitations_28d=sketch.asked,
            offered_28d=sketch.offered, stale_feed=sketch.stale,
        )  # fmt: skip
    return Candidate(
        id=sketch.id, label=sketch.label, practitioner=f"p{sketch.owner}", profession=sketch.profession,
        specialty=sketch.specialty, structure_ids=structure_ids, cpts_ids=cpts_ids, place=str(sketch.place), via=via,
        km=sketch.km, minutes=sketch.minutes,
        modalities=stated_modalities(visits=sketch.visits, video=sketch.video), seats=seats,
        participation=BY_VIA[sketch.via], accepts_overbooking=sketch.overbooking,
        overbooking_left=sketch.overbooking_left,
        absent_until=None if sketch.away_until is None else _instant(sketch.away_until), stale_feed=sketch.stale,
        languages=frozenset(sketch.languages), wheelchair=sketch.wheelchair, solicitations_28d=sketch.asked,
        offered_28d=sketch.offered, seen_within_12_months=sketch.seen,
    )  # fmt: skip


@cache
def stated_modalities(*, visits: bool, video: bool) -> frozenset[str]:
    return frozenset({"AMB"} | ({"HH"} if visits else set()) | ({TELECONSULTATION} if video else set()))


def coded(start: int, slot: int) -> int:
    return (start - EPOCH) << SLOT_BITS | slot


def start_of(code: int) -> int:
    return (code >> SLOT_BITS) + EPOCH


def not_before(code: int, now: int) -> int:
    """The same slot; a plage in progress is bookable now."""
    return code if start_of(code) >= now else coded(now, code & ((1 << SLOT_BITS) - 1))


def _seats(sketch: Sketch, wanted: frozenset[str]) -> Iterator[Seat]:
    later = (None if code in sketch.starts else code for code in sketch.after_absence)
    for offer, code in zip(OFFERS * 2, (*sketch.starts, *later), strict=True):
        if code is not None:
            instant = _instant(start_of(code))
            yield Seat(str(code & ((1 << SLOT_BITS) - 1)), instant, instant + MOMENT, offer, wanted)


@lru_cache(maxsize=4096)
def _instant(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
