from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from quinze.science.callcentre.compare import compare_to
from quinze.science.callcentre.errors import ScenarioError
from quinze.science.callcentre.model import Scenario
from quinze.science.callcentre.report import Sheet, as_text, comparison_rows, comparison_text, sheets
from quinze.science.callcentre.results import Results, simulate
from quinze.science.callcentre.scenario import LARGEST, scenario_from_toml
from quinze.staffing.spreadsheets import WRITERS


class Command(BaseCommand):
    help = "Simule un centre d’appels décrit dans un fichier TOML ; compare deux organisations de la même journée."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="scénario TOML (voir docs/reference/scenario.md)")
        parser.add_argument("--against", type=Path, help="second scénario, joué avec les mêmes appelants")
        parser.add_argument("--output", type=Path, help="résultats : .csv (quarts d’heure), .xlsx ou .json (tout)")
        parser.add_argument("--replications", type=int, help="au lieu de celles du fichier")
        parser.add_argument("--seed", type=int, help="au lieu de celle du fichier")

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        if output and output.suffix not in WRITERS:
            raise CommandError(f"{output} : le résultat s’écrit en {', '.join(WRITERS)}.")
        try:
            text, tables = _studied(options)
        except ScenarioError as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(text, ending="")
        if output:
            _write(tables, output)
            self.stdout.write(f"Résultats écrits dans {output}.")


def _studied(options: dict[str, Any]) -> tuple[str, list[Sheet]]:
    results = _simulated(_scenario(options["file"]), options)
    if options["against"] is None:
        return as_text(results), sheets(results)
    compared = compare_to(results, _scenario(options["against"]))
    tables = [Sheet("Comparaison", comparison_rows(compared)), *sheets(compared.after)]
    return comparison_text(compared), tables


def _simulated(scenario: Scenario, options: dict[str, Any]) -> Results:
    return simulate(scenario, replications=options["replications"], seed=options["seed"])


def _scenario(path: Path) -> Scenario:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as missing:
        raise CommandError(f"{path} ne se lit pas : {missing.strerror}.") from missing
    try:
        return scenario_from_toml(content)
    except ScenarioError as wrong:
        raise CommandError(f"{path} : {wrong}") from wrong


def _write(tables: list[Sheet], output: Path) -> None:
    try:
        WRITERS[output.suffix](tables, output)
    except OSError as refused:
        raise CommandError(f"{output} ne s’écrit pas : {refused.strerror}.") from refused
