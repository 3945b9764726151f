"""quinze generate-france: the whole country, invented people in real communes, in an empty database."""

import sys
import time
from datetime import date
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from quinze.base import clock
from quinze.directory.models import Commune
from quinze.interop.france.generate import generate_france
from quinze.interop.france.land import TENTH


class Command(BaseCommand):
    help = "Génère une France fictive (101 SAS, 100 000 professionnels, 8 millions de places) dans une base vide."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="graine du tirage (1)")
        parser.add_argument("--from", dest="since", type=date.fromisoformat, help="premier jour des créneaux (ce jour)")
        parser.add_argument("--tenth", action="store_true", help="un dixième du pays : dix départements entiers")
        parser.add_argument("--departements", nargs="+", default=[], metavar="CODE", help="seulement ceux-ci")

    def handle(self, *args: Any, **options: Any) -> None:
        began, worked, at = time.monotonic(), time.process_time(), clock.now()
        quiet = options["verbosity"] == 0
        if not Commune.objects.exists():
            call_command("load_geography", verbosity=options["verbosity"])
        only = TENTH if options["tenth"] else tuple(options["departements"])
        made = generate_france(
            seed=options["seed"], since=options["since"] or at.date(), at=at, only=only, out=sys.stderr
        )
        if not quiet:
            self._say(made, time.monotonic() - began, time.process_time() - worked)

    def _say(self, made: Any, seconds: float, worked: float) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            size = cursor.fetchone()[0] / 2**30
        self.stdout.write(
            f"{made.territories} SAS, {made.professionals} professionnels, {made.structures} structures, "
            f"{made.rules} ouvertures, {made.slots} créneaux, {made.seats} places : {seconds:.0f} s "
            f"(dont {worked:.0f} s de processeur pour le programme), {size:.1f} Go"
        )
