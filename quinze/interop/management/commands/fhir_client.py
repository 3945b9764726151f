"""quinze fhir-client: say which machines may ask over FHIR."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quinze.accounts.models import Sas
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.interop.fhir.clients import clients, end_client, register_client
from quinze.interop.models import DEFAULT_PER_MINUTE, FhirClient, Flow


class Command(BaseCommand):
    help = "Inscrit, retire ou liste les machines qui peuvent interroger Quinze en FHIR."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="les clients inscrits")
        add = acts.add_parser("add", help="inscrit un client")
        add.add_argument("--name", required=True, help="nom lisible : « Plateforme SAS, production »")
        add.add_argument("--flow", required=True, action="append", choices=Flow.values, help="peut être répété")
        add.add_argument("--sas", help="code du SAS auquel le client est limité ; tous sans cette option")
        add.add_argument("--per-minute", type=int, default=DEFAULT_PER_MINUTE, help="demandes par minute")
        end = acts.add_parser("end", help="retire un client")
        for one in (add, end):
            one.add_argument("--cn", required=True, help="nom commun (CN) du certificat")
            one.add_argument("--ou", default="", help="unité (OU) du certificat")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            {"list": self._list, "add": self._add, "end": self._end}[options["act"]](options)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal

    def _list(self, _options: dict[str, Any]) -> None:
        for client in clients():
            self.stdout.write(_line(client))

    def _add(self, options: dict[str, Any]) -> None:
        made = register_client(
            name=options["name"],
            common_name=options["cn"],
            unit=options["ou"],
            flows=options["flow"],
            sas=_sas(options["sas"]),
            per_minute=options["per_minute"],
            at=clock.now(),
        )
        self.stdout.write(f"Inscrit : {_line(made)}")

    def _end(self, options: dict[str, Any]) -> None:
        ended = end_client(common_name=options["cn"], unit=options["ou"], at=clock.now())
        self.stdout.write(f"Retiré : {_line(ended)}")


def _sas(code: str | None) -> Sas | None:
    if code is None:
        return None
    found = Sas.objects.filter(code=code).first()
    if found is None:
        raise CommandError(f"Aucun SAS n’a le code « {code} ».")
    return found


def _line(client: FhirClient) -> str:
    unit = f", OU={client.unit}" if client.unit else ""
    where = str(client.sas) if client.sas else "tous les SAS"
    pace = f"{client.per_minute}/min"
    state = f", retiré le {client.ended_at:%d/%m/%Y}" if client.ended_at else ""
    return f"{client.name} (CN={client.common_name}{unit}) : {', '.join(client.flows)}, {where}, {pace}{state}"
