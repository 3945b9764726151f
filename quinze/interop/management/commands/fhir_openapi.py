"""quinze fhir-openapi: write the OpenAPI description of the FHIR addresses, as the repository keeps it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from quinze.interop.fhir.openapi import description


class Command(BaseCommand):
    help = "Écrit la description OpenAPI des adresses FHIR, sur la sortie ou dans un fichier."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, help="le fichier à écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        text = json.dumps(description(), ensure_ascii=False, indent=2) + "\n"
        if options["file"]:
            options["file"].write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")
