from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from quinze.base.progress import progress
from quinze.directory import operations

WORDS = {
    "exact": "points exacts",
    "name": "trouvées par le nom",
    "postal": "moyennes de code postal",
    "epci": "moyennes d’EPCI",
    "none": "sans position",
}


class Command(BaseCommand):
    help = "Charge les départements et les communes de France depuis les paquets installés. Peut être relancée."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self._load(silent=options["verbosity"] == 0)
        except FileNotFoundError as missing:
            raise CommandError(
                f"Il manque {missing.filename} : installez les paquets npm (make run le fait)."
            ) from missing
        if options["verbosity"]:
            self._tell(report)

    def _load(self, *, silent: bool) -> operations.GeographyReport:
        if silent:
            return operations.load_geography(assets=settings.ASSETS, cache=settings.VAR)
        with progress(total=None, label="Communes") as bar:
            report = operations.load_geography(assets=settings.ASSETS, cache=settings.VAR)
            bar.step(report.communes)
        return report

    def _tell(self, report: operations.GeographyReport) -> None:
        self.stdout.write(
            f"{report.departements} départements, {report.communes} communes, {report.changed} modifiées."
        )
        self.stdout.write(", ".join(f"{count} {WORDS[key]}" for key, count in report.positions.items()) + ".")
