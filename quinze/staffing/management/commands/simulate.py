from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from quinze.science.callcentre.compare import Comparison, compare_to
from quinze.science.callcentre.drills import (
    CRISIS_SLOTS,
    DOWN_SLOTS,
    agents_absent,
    crisis,
    slot_at,
    telephone_down,
    what_if,
)
from quinze.science.callcentre.ensembles import spread_over
from quinze.science.callcentre.errors import ScenarioError
from quinze.science.callcentre.model import SLOT, Scenario
from quinze.science.callcentre.organisations import one_level
from quinze.science.callcentre.report import Sheet, as_text, comparison_rows, comparison_text, sheets
from quinze.science.callcentre.results import Spread, simulate
from quinze.science.callcentre.scenario import LARGEST, scenario_from_toml
from quinze.science.callcentre.tables import minutes_of_day
from quinze.science.callcentre.told import crisis_text, hours_text, what_if_rows, what_if_text
from quinze.staffing.spreadsheets import WRITERS

QUESTIONS = {
    "against": "--against",
    "what_if": "--what-if",
    "one_level": "--one-level",
    "crisis": "--crisis",
    "down": "--down",
    "absent": "--absent",
}


class Command(BaseCommand):
    help = "Simule un centre d’appels décrit dans un fichier TOML ; compare deux organisations de la même journée."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="scénario TOML (voir docs/reference/scenario.md)")
        parser.add_argument("--against", type=Path, help="second scénario, joué avec les mêmes appelants")
        parser.add_argument("--what-if", action="store_true", help="un agent de plus ou de moins, 20 %% d’appels")
        parser.add_argument("--one-level", action="store_true", help="le même centre à un niveau, à travail égal")
        parser.add_argument("--crisis", help="HH:MM : quatre fois plus d’appels pendant deux heures à partir de là")
        parser.add_argument("--down", help="HH:MM : la téléphonie coupée vingt minutes à partir de là")
        parser.add_argument("--absent", help="nom d’un groupe : trois de ses agents manquent toute la journée")
        parser.add_argument("--output", type=Path, help="résultats : .csv (quarts d’heure), .xlsx ou .json (tout)")
        parser.add_argument("--replications", type=int, help="au lieu de celles du fichier")
        parser.add_argument("--seed", type=int, help="au lieu de celle du fichier")
        parser.add_argument("--workers", type=int, help="réplications réparties entre tant de processus d’ici")
        parser.add_argument("--cluster", help="… ou sur une grappe Dask : adresse de son ordonnanceur, tcp://…:8786")

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        if output and output.suffix not in WRITERS:
            raise CommandError(f"{output} : le résultat s’écrit en {', '.join(WRITERS)}.")
        try:
            with _spread(options) as spread:
                text, tables = _studied(options, spread)
        except ScenarioError as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(text, ending="")
        if output:
            _write(tables, output)
            self.stdout.write(f"Résultats écrits dans {output}.")


@contextmanager
def _spread(options: dict[str, Any]) -> Iterator[Spread]:
    if options["workers"] is not None and options["cluster"]:
        raise CommandError("--workers ou --cluster, l’un des deux : une grappe a ses propres processus.")
    if options["workers"] is None and options["cluster"] is None:
        yield map
        return
    with spread_over(
        workers=1 if options["workers"] is None else options["workers"], address=options["cluster"]
    ) as spread:
        yield spread


def _studied(options: dict[str, Any], spread: Spread) -> tuple[str, list[Sheet]]:
    if sum(bool(options[question]) for question in QUESTIONS) > 1:
        raise CommandError(f"Une seule question à la fois : {', '.join(QUESTIONS.values())}.")
    planned = _scenario(options["file"])
    results = simulate(planned, replications=options["replications"], seed=options["seed"], spread=spread)
    if options["what_if"]:
        answers = what_if(results, spread=spread)
        return what_if_text(answers), [Sheet("Et si", what_if_rows(answers))]
    if options["one_level"]:
        comparison = compare_to(results, one_level(planned), spread=spread).reversed()
        return hours_text(comparison), _compared(comparison)[1]
    if options["crisis"]:
        start = slot_at(planned, minutes_of_day(options["crisis"], "--crisis"))
        changed, end = crisis(planned, start_slot=start), start + CRISIS_SLOTS
    elif options["down"]:
        start = slot_at(planned, minutes_of_day(options["down"], "--down"))
        changed, end = telephone_down(planned, start=start * SLOT), start + DOWN_SLOTS
    elif options["absent"]:
        return _compared(compare_to(results, agents_absent(planned, group=options["absent"]), spread=spread))
    elif options["against"]:
        return _compared(compare_to(results, _scenario(options["against"]), spread=spread))
    else:
        return as_text(results), sheets(results)
    drill = compare_to(results, changed, spread=spread)
    return crisis_text(drill, end_slot=min(end, planned.slots)), _compared(drill)[1]


def _compared(comparison: Comparison) -> tuple[str, list[Sheet]]:
    tables = [Sheet("Comparaison", comparison_rows(comparison)), *sheets(comparison.after)]
    return comparison_text(comparison), tables


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
