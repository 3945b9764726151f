from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from quinze.accounts.actor import Actor
from quinze.accounts.models import RoleGrant
from quinze.accounts.roles import Role
from quinze.accounts.spreadsheet import LARGEST, read_cells
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.staffing import operations as do
from quinze.staffing import sheets
from quinze.staffing.management.study_command import write
from quinze.staffing.models import RosterShift
from quinze.staffing.queries import rosters as queries
from quinze.staffing.rostering import monday_of, week_bounds


class Command(BaseCommand):
    help = "Prévoit les gardes d’un classeur dans un SAS, les donne par le calcul, dit ce qui manque."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="le classeur, comme celui de quinze capacity --roster")
        parser.add_argument("--sas", required=True, help="code du SAS : 86")
        parser.add_argument("--by", required=True, help="adresse d’un superviseur ou ARM coordonnateur de ce SAS")
        parser.add_argument("--fill", action="store_true", help="compléter par le calcul")
        parser.add_argument("--publish", action="store_true", help="publier ces semaines")
        parser.add_argument("--output", type=Path, help="écrire le planning obtenu dans ce classeur")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._made(options)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal

    def _made(self, options: dict[str, Any]) -> None:
        at = clock.now()
        by = _actor(options)
        lines = sheets.read(read_cells(_content(options["file"])), zone=by.sas.zone)
        do.import_lines(lines, by=by, at=at)
        zone = ZoneInfo(by.sas.zone)
        mondays = sorted({monday_of(line.start.astimezone(zone).date()) for line in lines})
        for monday in mondays:
            if options["fill"]:
                do.fill_week(monday=monday, by=by, at=at)
            if options["publish"]:
                do.publish(monday=monday, by=by, at=at)
            week = queries.week(by=by, monday=monday)
            self.stdout.write(f"Semaine du {monday:%d/%m/%Y} : {week.lacking} place(s) vide(s).")
            for place in week.gaps:
                self.stdout.write(f"  {do.told(place.shift)} : manque {place.lacking}")
        if options["output"]:
            shifts = [
                each for monday in mondays
                for each in queries.shifts_between(by.sas, *week_bounds(monday, by.sas.zone))
            ]  # fmt: skip
            write(options["output"], sheets.xlsx(map(_line, shifts), zone=by.sas.zone))
            self.stdout.write(f"Écrit : {options['output']}")


def _actor(options: dict[str, Any]) -> Actor:
    grants = RoleGrant.objects.filter(
        sas__code=options["sas"], user__email=options["by"], during__contains=clock.now(),
        role__in=(Role.SUPERVISOR, Role.ARM_COORDINATOR),
    )  # fmt: skip
    found = grants.select_related("user", "sas").first()
    if found is None:
        raise CommandError(f"{options['by']} n’est ni superviseur ni ARM coordonnateur du SAS {options['sas']}.")
    return Actor(user=found.user, role=Role(found.role), sas=found.sas)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise CommandError(f"{path} ne se lit pas : {error.strerror}.") from error


def _line(shift: RosterShift) -> sheets.Line:
    people = tuple(held.user.email for held in shift.assignments.all())
    return sheets.Line(shift.role, shift.during.lower, shift.during.upper, shift.needed, people)
