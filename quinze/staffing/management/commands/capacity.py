from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from quinze.base.errors import Refusal
from quinze.staffing import sheets
from quinze.staffing.management.study_command import StudyCommand, content_of, write
from quinze.staffing.operations import shifts_of
from quinze.staffing.rostering import monday_of
from quinze.staffing.study_files import capacity_of, cover_of


class Command(StudyCommand):
    help = (
        "Calcule une étude de capacité (postes par heure, ETP, un ou deux niveaux, étapes, gardes) d’un fichier TOML."
    )
    made = staticmethod(capacity_of)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--roster", type=Path, help="écrit les gardes à prévoir, sans personne, dans ce classeur .xlsx"
        )
        parser.add_argument("--monday", type=date.fromisoformat, help="le lundi de la semaine de --roster")
        parser.add_argument("--zone", default="Europe/Paris", help="fuseau de --roster")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["roster"]:
            self._roster(options)

    def _roster(self, options: dict[str, Any]) -> None:
        """For « quinze roster », or « Importer » of the pages."""
        monday: date | None = options["monday"]
        if monday is None or monday_of(monday) != monday:
            raise CommandError("--roster demande --monday, le lundi d’une semaine : --monday 2026-11-30.")
        zone = options["zone"]
        try:
            lines = [
                sheets.Line(role, start, end, needed)
                for role, start, end, needed in shifts_of(
                    cover_of(content_of(options["file"])), monday=monday, zone=zone
                )
            ]
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        except (KeyError, ValueError) as wrong:
            raise CommandError(f"--zone {zone} : un nom comme Europe/Paris est attendu.") from wrong
        write(options["roster"], sheets.xlsx(lines, zone=zone))
        self.stdout.write(f"{len(lines)} gardes écrites : {options['roster']}")
