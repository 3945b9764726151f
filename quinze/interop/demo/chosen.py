"""Lives that are chosen, not drawn: what a newcomer opens first must be there whatever the hour they come at."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from quinze.directory.models import Professional
from quinze.interop.demo.hands import Hands, Life, request_for_care
from quinze.interop.demo.people import Population
from quinze.interop.demo.persona import Persona
from quinze.interop.demo.stories import NURSE, STORIES, Story
from quinze.orientation.models import OrientationRequest

HOUR = timedelta(hours=1)
# Before the instant of the visitor: of the first doctor, whose page is shown, then of each other.
CALLED = (27.0, 25.0, 22.0, 19.0, 6.0, 4.0, 2.5), (26.0, 5.0)
FIRST_AGO, NURSE_AGO = timedelta(minutes=65), timedelta(minutes=80)
NEVER = 10 * 365 * 86_400.0  # seconds


class LeftToVisitors(Hands):
    """Everybody does their part at an even pace, and no OSNP of the room takes the request."""

    def pause(self, median: float) -> float:
        return median

    def before_orienting(self, request: OrientationRequest) -> float:
        return NEVER


def lives(
    *, hands: Hands, people: Population, doctors: Sequence[Professional], until: datetime
) -> Iterator[tuple[Life, datetime]]:
    """Patients of the doctors who have an account; then the two requests that nobody has taken yet."""
    for rank, doctor in enumerate(doctors):
        for hours in CALLED[min(rank, 1)]:
            persona = _patient_of(doctor, hands, people, until)
            yield request_for_care(hands, persona), until - hours * HOUR
    room = LeftToVisitors(
        arm=hands.arm, amu=hands.amu, snp=hands.snp, osnp=hands.osnp, random=hands.random, relief=hands.turns[1:]
    )
    yield request_for_care(room, _ordinary(hands, people, until)), until - FIRST_AGO
    if people.nurses:
        yield request_for_care(room, _dressing(hands, people, until)), until - NURSE_AGO


def _patient_of(doctor: Professional, hands: Hands, people: Population, until: datetime) -> Persona:
    """Lives where the doctor practises; comes to the practice."""
    story = hands.random.choice([s for s in STORIES if _is_for_a_doctor(s) and s.hours >= 24])
    place = doctor.places.select_related("commune").order_by("pk")[0]
    drawn = people.draw(hands.random, today=until.date(), story=story)
    return replace(drawn, commune=place.commune, referring=doctor)


def _ordinary(hands: Hands, people: Population, until: datetime) -> Persona:
    """A general practitioner within two days, in the largest town: what most requests are, with a choice to make."""
    ordinary = next(s for s in STORIES if _is_for_a_doctor(s) and s.hours == 48)
    drawn = people.draw(hands.random, today=until.date(), story=replace(ordinary, priority="P2"))
    return replace(drawn, commune=max(people.communes, key=lambda commune: commune.population or 0), vulnerabilities=())


def _dressing(hands: Hands, people: Population, until: datetime) -> Persona:
    story = next(s for s in STORIES if s.profession == NURSE)
    drawn = people.draw(hands.random, today=until.date(), story=story)
    return replace(drawn, nurse=people.nurses[0])


def _is_for_a_doctor(story: Story) -> bool:
    return story.decision == "ORIENT" and story.stream == "SNP" and story.profession != NURSE
