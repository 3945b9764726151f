"""quinze rdv: appointments told between the SAS platform and a regulation software, by files in place of the Hub."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quinze.accounts.models import Sas
from quinze.base import clock
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.interop.lrm.inbox import receive
from quinze.interop.lrm.outbox import take
from quinze.interop.lrm.rdv import Faulty
from quinze.interop.models import HubIdentity, HubMessage


class Command(BaseCommand):
    help = "Lit et écrit les rendez-vous échangés avec la plateforme SAS (RS-SAS-RDV)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        received = acts.add_parser("in", help="lit des messages")
        received.add_argument("files", nargs="+", type=Path, help="une enveloppe EDXL-DE par fichier")
        sent = acts.add_parser("out", help="écrit ce qui attend de partir, un fichier par message")
        sent.add_argument("folder", type=Path)
        known = acts.add_parser("address", help="dit par quel client du Hub Santé un SAS reçoit")
        known.add_argument("--sas", required=True, help="code du SAS")
        known.add_argument("--hub", required=True, help="fr.health.samu860")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            {"in": self._in, "out": self._out, "address": self._address}[options["act"]](options)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal

    def _in(self, options: dict[str, Any]) -> None:
        """Each file is one transaction: a bad one stops nothing, and the exit code says that there was one."""
        wrong = 0
        for path in options["files"]:
            try:
                found = receive(path.read_bytes(), at=clock.now())
            except (Faulty, OSError) as error:
                wrong += 1
                self.stderr.write(f"{path.name} : illisible, {error}")
                continue
            wrong += found.state == HubMessage.State.REFUSED
            says = f", {found.problem}" if found.problem else ""
            self.stdout.write(f"{path.name} : {found.get_state_display()}{says}")
        if wrong:
            raise CommandError(f"{wrong} message{'s' if wrong > 1 else ''} refusé{'s' if wrong > 1 else ''}.")

    def _out(self, options: dict[str, Any]) -> None:
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)

        def written(message: HubMessage) -> None:
            made = folder / f"{message.number}.json.new"
            made.write_text(json.dumps(message.content, ensure_ascii=False, indent=1), encoding="utf-8")
            made.replace(folder / f"{message.number}.json")

        self.stdout.write(f"{take(written, at=clock.now())} message(s) écrit(s) dans {folder}.")

    def _address(self, options: dict[str, Any]) -> None:
        sas = Sas.objects.filter(code=options["sas"]).first()
        if sas is None:
            raise CommandError(f"Aucun SAS n’a le code « {options['sas']} ».")
        with refuse_violations():
            HubIdentity.objects.update_or_create(
                sas=sas,
                defaults={"hub_id": options["hub"]},
                create_defaults={"hub_id": options["hub"], "created_at": clock.now()},
            )
        self.stdout.write(f"{sas} reçoit par {options['hub']}.")
