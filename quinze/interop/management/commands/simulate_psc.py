import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from quinze.interop.psc.people import of_demonstration
from quinze.interop.psc.simulator import Simulator


class Command(BaseCommand):
    help = "Simule Pro Santé Connect sur cette machine, avec les personnes fictives de la démonstration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("QUINZE_PSC_PORT", "9401")))

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MODE == "production":
            raise CommandError("Le simulateur laisse chacun être n’importe qui : il est refusé en production.")
        simulator = _opened(options["port"])
        connection.close()  # the list is read once: the database is not kept
        self.stdout.write(f"Simulateur de Pro Santé Connect : {simulator.issuer} ({len(simulator.people)} personnes)")
        simulator.server.serve_forever()


def _opened(port: int) -> Simulator:
    try:
        return Simulator(of_demonstration(), client_id=SIMULATED, secret=SIMULATED, port=port)
    except OSError as error:
        raise CommandError(f"Le port {port} est pris ({error.strerror}). Choisissez-en un autre : --port") from error


SIMULATED = "quinze-demonstration"  # the client and the secret that QUINZE_PSC=simulator gives to the pages
