from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from quinze.accounts.models import Sas
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.base.progress import progress
from quinze.directory import operations


class Command(BaseCommand):
    help = (
        "Charge l’extraction en libre accès de l’Annuaire Santé (PS_LibreAcces_Personne_activite, texte ou zip)"
        " pour les départements choisis. Tout ou rien ; peut être relancée."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="le fichier texte, ou le zip qui le contient")
        parser.add_argument("--departement", action="append", default=[], help="code du département ; peut être répété")
        parser.add_argument("--sas", help="code du SAS : les communes qu’il couvre")
        parser.add_argument("--refused", type=Path, help="où écrire les lignes refusées")
        parser.add_argument("--accept-departures", action="store_true", help="accepter que beaucoup de lieux ferment")

    def handle(self, *args: Any, **options: Any) -> None:
        refused_to = options["refused"] or settings.VAR / "import-directory-refused.csv"
        try:
            with progress(total=None, label="Lignes") as bar:
                report = operations.import_directory(
                    options["file"],
                    departements=options["departement"],
                    sas=_sas(options["sas"]),
                    refused_to=refused_to,
                    accept_departures=options["accept_departures"],
                    by=None,
                    at=clock.now(),
                    advance=bar.step,
                )
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self._tell(report, refused_to)

    def _tell(self, report: operations.ImportReport, refused_to: Path) -> None:
        self.stdout.write(
            f"{report.lines} lignes lues, {report.outside} d’ailleurs, {report.loaded} chargées :"
            f" {report.people} personnes, {report.structures} structures, {report.places} lieux,"
            f" {report.memberships} appartenances ajoutés ou modifiés, {report.closed} lieux fermés."
        )
        for reason, count in report.refused.most_common():
            self.stdout.write(f"  refusées, {reason} : {count}")
        if report.refused:
            self.stdout.write(f"Le détail, ligne par ligne : {refused_to}")


def _sas(code: str | None) -> Sas | None:
    if not code:
        return None
    found = Sas.objects.filter(code=code).first()
    if found is None:
        raise CommandError(f"Aucun SAS ne porte le code {code}.")
    return found
