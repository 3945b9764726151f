from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from quinze.science.forecast import Unusable
from quinze.science.forecast.files import MOST_BYTES, read_regressor
from quinze.science.forecast.school import read_school_calendar
from quinze.science.forecast.study import Asked, Studied, as_csv, as_text, study


class Command(BaseCommand):
    help = "Prévoit les appels par quart d’heure et par niveau, à partir d’un fichier CSV de comptes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV : debut;appels, et si besoin sas;departement;niveau")
        parser.add_argument(
            "--output", type=Path, help="CSV des prévisions (sinon : à côté du fichier, -prevision.csv)"
        )
        parser.add_argument("--report", type=Path, help="texte du rapport (sinon : à l’écran)")
        parser.add_argument("--departement", default="", help="pour les lignes qui ne le disent pas : 44, 2A, 971")
        parser.add_argument(
            "--first", type=date.fromisoformat, help="premier jour prévu (sinon : le lendemain du dernier)"
        )
        parser.add_argument("--days", type=int, default=14)
        parser.add_argument("--step", type=int, default=15, help="15, 30 ou 60 minutes")
        parser.add_argument(
            "--regressor", type=Path, action="append", default=[], help="CSV jour;valeur (indice épidémique)"
        )
        parser.add_argument(
            "--school", type=Path, help="vacances scolaires du territoire : CSV debut;rentree;nom, ou iCalendar"
        )
        parser.add_argument(
            "--no-error", action="store_true", help="ne pas mesurer l’erreur sur le passé (plus rapide)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        output = options["output"] or file.with_name(f"{file.stem}-prevision.csv")
        try:
            studies = study(_content(file), _asked(options))
        except Unusable as wrong:
            raise CommandError(str(wrong)) from wrong
        self._told(as_text(studies), options["report"])
        self._written(studies, output)

    def _told(self, text: str, report: Path | None) -> None:
        if report:
            report.write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")

    def _written(self, studies: list[Studied], output: Path) -> None:
        if not any(each.model for each in studies):
            raise CommandError("Aucune prévision n’a pu être faite.")
        output.write_text(as_csv(studies), encoding="utf-8")
        self.stdout.write(f"Prévisions écrites dans {output}.")


def _asked(options: dict[str, Any]) -> Asked:
    school = options["school"]
    periods = read_school_calendar(_content(school), departement=options["departement"]) if school else ()
    regressors = {path.stem: read_regressor(_content(path)) for path in options["regressor"]}
    return Asked(
        departement=options["departement"],
        first=options["first"],
        days=options["days"],
        step=options["step"],
        regressors=regressors,
        school=tuple((first, after) for first, after, _ in periods),
        back_test=not options["no_error"],
    )


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CommandError(f"{path} est trop gros. Accepté : {MOST_BYTES // 2**20} Mo au plus.")
        return path.read_bytes()
    except OSError as missing:
        raise CommandError(f"{path} ne se lit pas : {missing.strerror}.") from missing
