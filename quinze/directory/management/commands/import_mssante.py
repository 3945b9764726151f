from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.operations.secure import import_secure_addresses


class Command(BaseCommand):
    help = "Charge les adresses MSSanté des professionnels (CSV : rpps;adresse). Peut être relancée."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="le fichier CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_secure_addresses(options["file"], at=clock.now())
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{report.lines} lignes lues, {report.loaded} adresses chargées.")
        for reason, count in report.refused.most_common():
            self.stdout.write(f"  laissées de côté, {reason} : {count}")
