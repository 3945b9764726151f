"""Where people live and who looks after them."""

from dataclasses import replace
from datetime import date
from random import Random

from quinze.accounts.models import Sas
from quinze.directory.models import Commune, Participation, Professional, SasCommune
from quinze.interop.demo.persona import Persona, draw
from quinze.interop.demo.stories import NURSE, Story


class Population:
    """Where people live and who their doctors are: read once, drawn from often."""

    def __init__(self, sas: Sas) -> None:
        covered = SasCommune.objects.filter(sas=sas).values("commune")
        self.communes = list(
            Commune.objects.filter(insee__in=covered, lat__isnull=False, population__gt=0).order_by("insee")
        )
        self.weights = [commune.population or 1 for commune in self.communes]
        self.nurses = [
            p.professional
            for p in Participation.objects.filter(sas=sas, professional__profession=NURSE)
            .select_related("professional")
            .order_by("pk")
        ]
        self.doctors = list(Professional.objects.filter(specialty="SM54", source="demo").order_by("rpps")[:600])

    def draw(self, random: Random, *, today: date, story: Story | None = None) -> Persona:
        """Who needs a nurse has one, one time in two."""
        drawn = draw(
            random, today=today, communes=self.communes, weights=self.weights, doctors=self.doctors, story=story
        )
        needs = drawn.story.profession == NURSE and self.nurses and random.random() < 0.5
        return replace(drawn, nurse=random.choice(self.nurses)) if needs else drawn
