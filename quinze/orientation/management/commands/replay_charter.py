"""Replays a past month of requests under another charter and shows who would have been called. Writes nothing."""

import csv
import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from quinze.accounts.models import Sas
from quinze.base import clock
from quinze.orientation.models import CharterVersion
from quinze.orientation.queries.replays import Replay, Row, Side, nothing_written, replay
from quinze.science.charter import Charter, CharterError, charter_from_json
from quinze.science.replay import Call

LARGEST = 1_000_000  # bytes of a charter


class Command(BaseCommand):
    help = "Rejoue un mois de demandes sous une autre charte et montre qui aurait été appelé. N’écrit rien."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sas", required=True, help="code du SAS, par exemple 86")
        parser.add_argument("--charter", required=True, help="fichier JSON, numéro de version, ou « brouillon »")
        parser.add_argument("--days", type=int, default=30, help="jours rejoués (30)")
        parser.add_argument("--rows", type=int, default=40, help="demandes montrées (40) ; 0 : aucune")
        parser.add_argument("--csv", type=Path, help="écrit toutes les demandes dans ce fichier")
        parser.add_argument("--at", type=datetime.fromisoformat, help="instant de fin, ISO 8601 (maintenant)")

    def handle(self, *args: Any, **options: Any) -> None:
        sas = Sas.objects.filter(code=options["sas"]).first()
        if sas is None:
            raise CommandError(f"Aucun SAS de code {options['sas']}.")
        if not 1 <= options["days"] <= 366:
            raise CommandError("--days : de 1 à 366 jours.")
        at = options["at"] or clock.now()
        if at.utcoffset() is None:
            raise CommandError("--at : donnez le fuseau, par exemple 2026-11-17T10:00:00+01:00.")
        charter = _charter(sas, options["charter"])
        with nothing_written():
            found = replay(sas=sas, charter=charter, days=options["days"], at=at, step=self._progress)
        self._summary(found, charter)
        self._moved(found)
        self._rows(found, ZoneInfo(sas.zone), most=options["rows"])
        if options["csv"]:
            _export(found, options["csv"])
            self.stdout.write(f"\nÉcrit : {options['csv']}")

    def _progress(self, done: int, total: int) -> None:
        if done % 200 == 0:
            self.stderr.write(f"{done} / {total}")

    def _summary(self, found: Replay, charter: Charter) -> None:
        self.stdout.write(f"{len(found.rows)} demandes rejouées, charte « {charter.title} », version {charter.version}")
        if found.unranked:
            self.stdout.write(f"{found.unranked} sans aucune recherche : laissées de côté")
        self.stdout.write(f"{found.changed} auraient appelé quelqu’un d’autre que la charte d’alors\n")
        sides = (found.called, found.before, found.after)
        self.stdout.write(f"{'':<34}{'appelés':>12}{'charte d’alors':>16}{'cette charte':>14}")
        for label, cells in _figures(sides):
            self.stdout.write(f"{label:<34}{cells[0]:>12}{cells[1]:>16}{cells[2]:>14}")
        self.stdout.write("\nNiveaux")
        before, after = dict(found.before.levels), dict(found.after.levels)
        for name in sorted(before.keys() | after.keys()):
            self.stdout.write(f"  {name[:42]:<44}{before.get(name, 0):>16}{after.get(name, 0):>14}")

    def _moved(self, found: Replay) -> None:
        if found.moved:
            self.stdout.write("\nPlus ou moins appelés (charte d’alors, cette charte)")
        for one in found.moved[:20]:
            change = one.after - one.before
            self.stdout.write(f"  {one.label[:42]:<44}{one.before:>16}{one.after:>14}{change:>+6}")

    def _rows(self, found: Replay, zone: ZoneInfo, *, most: int) -> None:
        if most and found.rows:
            self.stdout.write("\nDemandes (celles qui changent sont marquées *)")
        for row in found.rows[: max(0, most)]:
            mark = "*" if row.changed else " "
            when = f"{row.at.astimezone(zone):%d/%m %H:%M}"
            calls = " | ".join(f"{_label(call):<34}" for call in (row.called, row.before, row.after))
            self.stdout.write(f"{mark} {when}  {row.case_number:<20} {calls}")
        if most and len(found.rows) > most:
            self.stdout.write(f"… {len(found.rows) - most} autres : --rows ou --csv")


def _charter(sas: Sas, wanted: str) -> Charter:
    try:
        return charter_from_json(_document(sas, wanted))
    except CharterError as error:
        faults = "\n".join(f"  {fault.message}" for fault in error.faults)
        raise CommandError(f"La charte a des points à corriger :\n{faults}") from error


def _document(sas: Sas, wanted: str) -> Any:
    if wanted == "brouillon" or wanted.isdecimal():
        versions = CharterVersion.objects.filter(sas=sas)
        draft = CharterVersion.Status.DRAFT
        found = versions.filter(status=draft) if wanted == "brouillon" else versions.filter(number=int(wanted))
        version = found.first()
        if version is None:
            raise CommandError(f"{sas} n’a pas de charte « {wanted} ».")
        return version.document
    return _file(Path(wanted))


def _file(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST:
            raise CommandError(f"{path} : plus d’un mégaoctet, ce n’est pas une charte.")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{path} ne se lit pas : {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{path} n’est pas du JSON : {error}.") from error


def _figures(sides: tuple[Side, ...]) -> list[tuple[str, list[str]]]:
    return [
        ("demandes servies", [str(side.served) for side in sides]),
        ("personnes et structures appelées", [str(side.people) for side in sides]),
        ("Gini, professionnels, par heure", [_decimal(side.gini, 3) for side in sides]),
        ("trajet médian (min)", [_decimal(side.travel, 0) for side in sides]),
        ("délai médian (min)", [_decimal(side.delay, 0) for side in sides]),
    ]


def _decimal(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}".replace(".", ",")


def _label(call: Call | None) -> str:
    if call is None:
        return "personne"
    return f"{call.label[:28]} (n. {call.level})" if call.level else call.label[:34]


def _export(found: Replay, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, delimiter=";")
        sides = ("appelé", "charte d’alors", "cette charte")
        out.writerow(["Dossier", "Instant", *(f"{what} : {side}" for side in sides for what in _COLUMNS), "Change"])
        for row in found.rows:
            out.writerow([row.case_number, row.at.isoformat(), *_cells(row), "oui" if row.changed else ""])


_COLUMNS = ("qui", "niveau", "trajet min", "délai min")


def _cells(row: Row) -> list[str]:
    cells: list[str] = []
    for call in (row.called, row.before, row.after):
        if call is None:
            cells += ["", "", "", ""]
        else:
            cells += [call.label, str(call.level or ""), _decimal(call.travel, 0), _decimal(call.delay, 0)]
    return cells
