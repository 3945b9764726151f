"""quinze demo: load the demonstration, or print its accounts."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from quinze.base import clock
from quinze.interop.demo import staff
from quinze.interop.demo.load import load


class Command(BaseCommand):
    help = "Charge la démonstration (SAS 86 Vienne, données fictives) dans une base vide, ou donne ses comptes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=86, help="graine du tirage (86)")
        parser.add_argument(
            "--scale",
            type=int,
            default=1,
            choices=range(1, 21),
            metavar="N",
            help="multiplie les professionnels par N (1 à 20)",
        )
        parser.add_argument("--without-day", action="store_true", help="sans la journée de dossiers passés")
        parser.add_argument(
            "--at",
            type=datetime.fromisoformat,
            help="instant de la démonstration (ISO 8601 avec fuseau), maintenant par défaut",
        )
        parser.add_argument(
            "--accounts", action="store_true", help="affiche les comptes de démonstration, sans rien charger"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["accounts"]:
            at = options["at"] or clock.now()
            load(
                at=at,
                seed=options["seed"],
                scale=options["scale"],
                with_day=not options["without_day"],
                say=self._say,
                act=self._act,
            )
            self.stderr.write("")
        self._print_accounts()

    _acts = 0

    def _say(self, words: str) -> None:
        self.stderr.write(f"  {words}…")

    def _act(self) -> None:
        self._acts += 1
        if self._acts % 500 == 0:
            self.stderr.write(f"    {self._acts} gestes")

    def _print_accounts(self) -> None:
        self.stdout.write(f"Comptes de démonstration, mot de passe commun : {staff.PASSWORD}")
        for email, roles in staff.table():
            self.stdout.write(f"  {email:<42} {roles}")
