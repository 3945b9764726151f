"""quinze lrm: which regulation software may open Quinze on a request, and hears of its appointments."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quinze.accounts.models import Sas
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.interop.lrm.partners import end_partner, partners, register_partner
from quinze.interop.models import LrmPartner


class Command(BaseCommand):
    help = "Inscrit, retire ou liste les logiciels de régulation qui appellent Quinze."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="les logiciels inscrits")
        add = acts.add_parser("add", help="inscrit un logiciel")
        add.add_argument("--name", required=True, help="nom lisible : « LRM du SAMU 86 »")
        add.add_argument("--sas", required=True, help="code du SAS")
        add.add_argument("--hub", default="", help="son identifiant du Hub Santé : fr.health.samu860")
        end = acts.add_parser("end", help="retire un logiciel")
        for one in (add, end):
            one.add_argument("--origin", required=True, help="valeur du paramètre « origin » de ses appels")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            {"list": self._list, "add": self._add, "end": self._end}[options["act"]](options)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal

    def _list(self, _options: dict[str, Any]) -> None:
        for one in partners():
            self.stdout.write(_line(one))

    def _add(self, options: dict[str, Any]) -> None:
        sas = Sas.objects.filter(code=options["sas"]).first()
        if sas is None:
            raise CommandError(f"Aucun SAS n’a le code « {options['sas']} ».")
        made = register_partner(
            name=options["name"], origin=options["origin"], hub_id=options["hub"], sas=sas, at=clock.now()
        )
        self.stdout.write(f"Inscrit : {_line(made)}")

    def _end(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"Retiré : {_line(end_partner(origin=options['origin'], at=clock.now()))}")


def _line(one: LrmPartner) -> str:
    hub = f", {one.hub_id}" if one.hub_id else ""
    state = f", retiré le {one.ended_at:%d/%m/%Y}" if one.ended_at else ""
    return f"{one.name} (origin={one.origin}{hub}) : {one.sas}{state}"
