from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quinze.accounts import operations
from quinze.accounts.terms import SHIPPED
from quinze.base import clock
from quinze.base.errors import Refusal


class Command(BaseCommand):
    help = "Publie une version des conditions d’utilisation : celle qui est livrée, ou le texte d’un fichier."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, default=SHIPPED, help="texte UTF-8 ; « # » et « ## » font les titres")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = options["file"].read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} ne se lit pas : {error}") from error
        try:
            version = operations.publish_terms(text, by=None, at=clock.now())
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"Version {version.number} en vigueur depuis le {version.published_at:%d/%m/%Y}.")
