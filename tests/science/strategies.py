"""Random charters and questions. Facts come from small pools, so that ties, overlaps and refusals are frequent.

The pools are drawn once from a seed: hypothesis then chooses among them, which is fast and shrinks to few candidates.
"""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from quinze.science.charter import (
    Charter,
    Holidays,
    Km,
    Level,
    Minutes,
    Needs,
    Offer,
    Opens,
    OrderKey,
    Participation,
    Selector,
    Special,
    Who,
    Window,
    local_moment,
)
from quinze.science.ranking import EMERGENCY, Candidate, Kind, Need, RankingInputs, Seat, seed_for

ZONES = ["Europe/Paris", "Indian/Reunion", "America/St_Barthelemy", "Pacific/Noumea"]
INSTANTS = [datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 27, 20, 10, tzinfo=UTC)]
SEAT_OFFERS = [Offer.SNP, Offer.PRO, Offer.PUBLIC, Offer.CPTS]
WITH_VALUES = {
    Selector.STRUCTURE_KIND: ["SOS", "MMG"],
    Selector.PROFESSION: ["10", "60"],
    Selector.FILIERE: ["psy"],
    Selector.PARTICIPANTS: ["individual", "msp"],
}


def some(rng: random.Random, *values: str, least: int = 0) -> frozenset[str]:
    return frozenset(rng.sample(values, rng.randint(least, len(values))))


def a_window(rng: random.Random) -> Window:
    start, end = sorted(rng.sample(range(25), 2))
    days = frozenset(rng.sample(range(7), rng.randint(1, 7)))
    return Window(days, start * 60, end * 60, rng.choice(list(Holidays)), rng.choice([None, None, True, False]))


def a_level(rng: random.Random, index: int) -> Level:
    selector = rng.choice(list(Selector))
    values = WITH_VALUES.get(selector)
    offers = frozenset(rng.sample(list(Offer), rng.randint(1, 4)))
    return Level(
        name=f"Niveau {index}",
        who=Who(selector, some(rng, *values, least=1) if values else frozenset()),
        offer=frozenset({Offer.PUBLIC}) if selector is Selector.NOT_PARTICIPATING else offers,
        within=rng.choice([None, Special.DEFAULT, Special.TERRITORY, Minutes(20), Km(8.5)]),
        when=(a_window(rng), a_window(rng)) if rng.random() < 0.3 else (),
        needs=rng.choice([Needs()] * 4 + [Needs(min_age_months=36), Needs(modalities=frozenset({"AMB"}))]),
        opens=Opens(rng.choice([None, None, 15]), None if index == 0 else rng.choice([None, None, 1, 48])),
        order=tuple(rng.sample(list(OrderKey), rng.randint(0, 4))),
    )


def a_charter(rng: random.Random) -> Charter:
    radius = rng.choice([None, Special.TERRITORY, Minutes(30), Km(20.0)])
    levels = tuple(a_level(rng, index) for index in range(rng.randint(1, 6)))
    return Charter("7", "Charte", levels, default_radius=radius)


def a_seat(rng: random.Random, slot: str, at: datetime) -> Seat:
    start = at + timedelta(minutes=15 * rng.randint(-2, 40))
    end = start + timedelta(minutes=rng.choice([15, 180]))
    plage = rng.random() < 0.3
    return Seat(slot, start, end, rng.choice(SEAT_OFFERS), some(rng, "AMB", "VR"), rng.choice([0, 1, 1, 2]), plage)


def a_candidate(rng: random.Random, name: str, at: datetime) -> Candidate:
    minutes = rng.choice([None, 4, 6, 18, 18, 25, 50])
    return Candidate(
        id=name,
        label=f"Dr {name}",
        kind=rng.choice([Kind.PROFESSIONAL, Kind.PROFESSIONAL, Kind.STRUCTURE]),
        practitioner=rng.choice(["", "", "", "martin", "durand"]),
        profession=rng.choice(["", "10", "10", "10", "60"]),
        structure_kinds=some(rng, "SOS", "MMG", EMERGENCY),
        structure_ids=some(rng, "msp"),
        cpts_ids=some(rng, "sud", "nord"),
        filieres=some(rng, "psy"),
        km=None if minutes is None else minutes / 2.7,
        minutes=minutes,
        seats=tuple(a_seat(rng, f"{name}/{index}", at) for index in range(rng.randint(0, 5))),
        participation=rng.choice([None, None, *Participation]),
        accepts_contact=rng.random() < 0.3,
        accepts_overbooking=rng.random() < 0.5,
        overbooking_left=rng.randint(0, 2),
        absent_until=rng.choice([None] * 6 + [at + timedelta(hours=5)]),
        stale_feed=rng.random() < 0.1,
        takes_new_patients=rng.random() < 0.9,
        max_age_months=rng.choice([None] * 4 + [16 * 12]),
        notice_minutes=rng.choice([0, 0, 0, 60]),
        languages=some(rng, "fr", "en"),
        wheelchair=rng.random() < 0.7,
        solicitations_28d=rng.randint(0, 2),
        offered_28d=rng.randint(0, 10),
        seen_within_12_months=rng.random() < 0.5,
    )


def a_need(rng: random.Random, at: datetime) -> Need:
    return Need(
        request=f"R{rng.randint(1, 999)}",
        asked_at=at - timedelta(minutes=rng.choice([0, 10, 20])),
        deadline=at + timedelta(hours=rng.choice([4, 48])),
        professions=rng.choice([frozenset(), frozenset({"10"}), frozenset({"10", "60"})]),
        modalities=rng.choice([frozenset(), frozenset({"AMB"}), frozenset({"AMB", "VR"})]),
        languages=rng.choice([frozenset()] * 4 + [frozenset({"en"})]),
        wheelchair=rng.random() < 0.2,
        age_months=rng.choice([None, 24, 480]),
        patient_known=rng.random() < 0.5,
        referring_ids=some(rng, "n0", "martin"),
        referring_structure_ids=frozenset({"msp"}),
        patient_cpts_ids=frozenset({"sud"}),
        place_cpts_ids=frozenset({"nord"}),
    )


def a_question(rng: random.Random, at: datetime) -> RankingInputs:
    charter, need = a_charter(rng), a_need(rng, at)
    zone = rng.choice(ZONES)
    moment = local_moment(at, zone=zone, is_holiday=rng.random() < 0.2, is_pdsa=rng.random() < 0.5)
    widened: list[dict[str, Any]] = [{"max_minutes": 45}, {"max_km": 5.0}, {"opened_levels": frozenset({1, 2})}]
    return RankingInputs(
        algorithm=1,
        need=need,
        at=at,
        moment=moment,
        zone=zone,
        charter=charter,
        candidates=(),
        seed=seed_for(need.request, charter.version),
        territory_km=rng.choice([None, 10.0]),
        **rng.choice([{}, {}, {}, *widened]),
    )


RNG = random.Random(15)
CHARTERS = [a_charter(RNG) for _ in range(200)]
QUESTIONS = [a_question(RNG, at) for at in INSTANTS for _ in range(400)]
POOLS = {at: [a_candidate(RNG, f"n{index}", at) for index in range(150)] for at in INSTANTS}


def charters() -> st.SearchStrategy[Charter]:
    return st.sampled_from(CHARTERS)


def newcomers(at: datetime) -> st.SearchStrategy[Candidate]:
    return st.sampled_from(POOLS[at]).map(lambda c: replace(c, id="new", practitioner=""))


@st.composite
def questions(draw: st.DrawFn) -> RankingInputs:
    asked = draw(st.sampled_from(QUESTIONS))
    chosen = draw(st.lists(st.sampled_from(range(150)), unique=True, min_size=1, max_size=12))
    return replace(asked, candidates=tuple(POOLS[asked.at][index] for index in chosen))
