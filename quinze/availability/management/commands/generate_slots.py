from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from quinze.availability.operations import generate_slots
from quinze.availability.plan import HORIZON_DAYS
from quinze.base import clock


class Command(BaseCommand):
    help = "Crée les créneaux à venir d’après les règles d’ouverture et les absences. Sans effet si rien n’a changé."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=HORIZON_DAYS, help="jours d’avance (%(default)s)")
        parser.add_argument("--place", type=int, action="append", help="un lieu seulement, par son numéro")

    def handle(self, *args: Any, **options: Any) -> None:
        began = perf_counter()
        done = generate_slots(at=clock.now(), days=options["days"], place_ids=options["place"])
        made = done.created + done.reopened
        self.stdout.write(
            f"{made} créneaux ajoutés, {done.changed} modifiés, {done.withdrawn} retirés, "
            f"{done.conflicts} laissés fermés (heure déjà prise), en {perf_counter() - began:.1f} s."
        )
        if done.with_patients:
            self.stdout.write(f"{len(done.with_patients)} créneaux retirés portent encore des rendez-vous.")
