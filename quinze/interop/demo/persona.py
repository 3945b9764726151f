"""One person who needs care, drawn for one story."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from quinze.directory.models import Commune, Professional
from quinze.interop.demo import names
from quinze.interop.demo.stories import STORIES, Story

# How many files begin in each hour of a week-day, out of 1,000 (SNP-heavy mornings and evenings).
HOURS = (18, 14, 11, 10, 10, 14, 24, 42, 58, 62, 60, 56, 52, 50, 48, 48, 50, 56, 62, 66, 64, 54, 42, 29)
VULNERABILITIES = (("isole", 6), ("precarite", 4), ("handicap", 3), ("langue", 3))
STREETS = (
    "chemin des Jars",
    "rue du Clain",
    "place du Marronnier",
    "rue de la Grotte",
    "allée des Tanneurs",
    "route de la Vonne",
    "rue Haute",
    "impasse du Puits",
    "avenue de la Gare",
    "rue des Trois-Moulins",
    "le Grand Breuil",
    "la Petite Foye",
)


@dataclass(frozen=True, slots=True)
class Persona:
    story: Story
    summary: str
    family: str
    given: str
    sex: str
    birth: date
    says_birth_date: bool
    phone: str
    caller_type: str
    caller_name: str
    commune: Commune
    address: str
    referring: Professional | None
    vulnerabilities: tuple[str, ...]
    nurse: Professional | None = None

    @property
    def patient_values(self) -> dict[str, object]:
        return {
            "family_name": self.family.upper(),
            "given_name": self.given,
            "birth": f"{self.birth:%d/%m/%Y}",
            "sex": self.sex,
            "phone": self.phone,
            "referring_doctor": self.referring.pk if self.referring else "",
            **({"referring_nurse": self.nurse.pk} if self.nurse else {}),
        }


def draw(
    random: Random,
    *,
    today: date,
    communes: list[Commune],
    weights: list[int],
    doctors: list[Professional],
    story: Story | None = None,
) -> Persona:
    story = story or random.choices(STORIES, [s.weight for s in STORIES])[0]
    sex = random.choice("FM")
    years = random.randint(*story.ages)
    family, given = random.choice(names.BIRDS), names.given(random, sex)
    relative = years < 15 or random.random() < 0.35
    return Persona(
        story=story,
        summary=random.choice(story.summary),
        family=family,
        given=given,
        sex=sex,
        birth=today - timedelta(days=round(years * 365.25) + random.randrange(20, 340)),
        says_birth_date=random.random() < 0.8,
        phone=names.mobile(random),
        caller_type="FAMILLE" if relative else "SUJET",
        caller_name=f"{names.given(random, random.choice('FM'))} {family}" if relative else f"{given} {family}",
        commune=random.choices(communes, weights)[0],
        address=f"{random.randrange(1, 80)} {random.choice(STREETS)}",
        referring=random.choice(doctors) if doctors and random.random() < 0.7 else None,
        vulnerabilities=tuple(code for code, percent in VULNERABILITIES if random.random() * 100 < percent),
    )


def arrivals(random: Random, *, per_day: float, hour: int) -> float:
    """Seconds to the next request, at this local hour of an ordinary day."""
    return random.expovariate(per_day * HOURS[hour] / sum(HOURS) / 3600)
