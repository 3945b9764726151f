from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from quinze.science.callcentre.compare import Comparison, compare_to
from quinze.science.callcentre.drills import CRISIS_SLOTS, crisis, slot_at, what_if
from quinze.science.callcentre.errors import ScenarioError
from quinze.science.callcentre.model import Scenario
from quinze.science.callcentre.organisations import one_level
from quinze.science.callcentre.report import Sheet, as_text, comparison_rows, comparison_text, sheets
from quinze.science.callcentre.results import Results, simulate
from quinze.science.callcentre.scenario import LARGEST, scenario_from_toml
from quinze.science.callcentre.tables import minutes_of_day
from quinze.science.callcentre.told import crisis_text, hours_text, what_if_rows, what_if_text
from quinze.staffing.spreadsheets import WRITERS

QUESTIONS = {"against": "--against", "what_if": "--what-if", "one_level": "--one-level", "crisis": "--crisis"}


class Command(BaseCommand):
    help = "Simule un centre d’appels décrit dans un fichier TOML ; compare deux organisations de la même journée."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="scénario TOML (voir docs/reference/scenario.md)")
        parser.add_argument("--against", type=Path, help="second scénario, joué avec les mêmes appelants")
        parser.add_argument("--what-if", action="store_true", help="un agent de plus ou de moins, 20 %% d’appels")
        parser.add_argument("--one-level", action="store_true", help="le même centre à un niveau, à travail égal")
        parser.add_argument("--crisis", help="HH:MM : quatre fois plus d’appels pendant deux heures à partir de là")
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
    if sum(bool(options[question]) for question in QUESTIONS) > 1:
        raise CommandError(f"Une seule question à la fois : {', '.join(QUESTIONS.values())}.")
    planned = _scenario(options["file"])
    results = simulate(planned, replications=options["replications"], seed=options["seed"])
    if options["against"]:
        return _compared(compare_to(results, _scenario(options["against"])))
    if options["what_if"]:
        answers = what_if(results)
        return what_if_text(answers), [Sheet("Et si", what_if_rows(answers))]
    if options["one_level"]:
        comparison = compare_to(results, one_level(planned)).reversed()
        return hours_text(comparison), _compared(comparison)[1]
    if options["crisis"]:
        return _crisis(results, slot_at(planned, minutes_of_day(options["crisis"], "--crisis")))
    return as_text(results), sheets(results)


def _compared(comparison: Comparison) -> tuple[str, list[Sheet]]:
    tables = [Sheet("Comparaison", comparison_rows(comparison)), *sheets(comparison.after)]
    return comparison_text(comparison), tables


def _crisis(results: Results, start: int) -> tuple[str, list[Sheet]]:
    drill = compare_to(results, crisis(results.scenario, start_slot=start))
    _, tables = _compared(drill)
    return crisis_text(drill, end_slot=min(start + CRISIS_SLOTS, results.scenario.slots)), tables


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
