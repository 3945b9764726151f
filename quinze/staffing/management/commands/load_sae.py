from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.science.national import MOST_BYTES, Figure, anomalies, national
from quinze.staffing.operations import load_sae


class Command(BaseCommand):
    help = "Charge une année du fichier SMURSAMU de la SAE (DREES) et redonne le tableau national. Peut être relancée."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="le fichier SMURSAMU_AAAAr.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = load_sae(_content(options["file"]), at=clock.now())
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"SAE {found.year} : {len(found.samus)} SAMU chargés, {found.replaced} remplacés.\n")
        for figure in national(found.samus):
            self.stdout.write(f"  {figure.label:<56}{shown(figure):>12}")
        self.stdout.write(f"\nCharge effective par appel retrouvée pour {found.calibrated} SAMU.")
        self.stdout.write(f"Anomalies : {found.doubtful} SAMU, écartés des classements.")
        for samu in found.samus:
            if doubts := anomalies(samu):
                self.stdout.write(f"  {samu.departement:<4}{samu.name[:44]:<45} {' ; '.join(doubts)}")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"Le fichier {path} ne se lit pas : {error.strerror}.") from error


def shown(figure: Figure) -> str:
    if figure.kind == "share":
        return f"{100 * figure.value:.1f} %".replace(".", ",")
    if figure.kind == "rate":
        return f"{figure.value:.2f}".replace(".", ",")
    return f"{figure.value:,.0f}".replace(",", " ")
