"""quinze fhir-editor: say which editors of agendas are asked for slots, and for whom."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quinze.availability.models import EditorAgenda
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.interop.editors.fetching import words
from quinze.interop.editors.models import Editor, EditorKind
from quinze.interop.editors.refreshing import refresh
from quinze.interop.editors.register import (
    EditorSpec,
    add_editor,
    attach,
    detach,
    editor_of,
    editors,
    end_editor,
)

MOST_OCTETS = 5_000_000


class Command(BaseCommand):
    help = "Inscrit, retire ou montre les éditeurs d’agendas interrogés en FHIR, et les agendas qu’ils tiennent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="les éditeurs inscrits")
        _add_arguments(acts.add_parser("add", help="inscrit un éditeur"))
        for act, said in (("end", "retire un éditeur et ses créneaux"), ("show", "un éditeur et ses agendas")):
            acts.add_parser(act, help=said).add_argument("code")
        acts.add_parser("refresh", help="relit maintenant les agendas").add_argument("code", nargs="?")
        for act, said in (("attach", "inscrit des agendas"), ("detach", "retire des agendas")):
            one = acts.add_parser(act, help=said)
            one.add_argument("code")
            one.add_argument("identifier", nargs="*", help="RPPS, ADELI ou, pour SOS Médecins, SIRET")
            one.add_argument("--file", help="un identifiant par ligne")

    def handle(self, *args: Any, **options: Any) -> None:
        act = {
            "list": self._list,
            "add": self._add,
            "end": self._end,
            "show": self._show,
            "attach": self._attach,
            "detach": self._detach,
            "refresh": self._refresh,
        }[options["act"]]
        try:
            act(options)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal

    def _list(self, _options: dict[str, Any]) -> None:
        for editor in editors():
            self.stdout.write(_line(editor))

    def _add(self, options: dict[str, Any]) -> None:
        spec = EditorSpec(
            code=options["code"],
            name=options["name"],
            endpoint=options["endpoint"],
            certificate=options["certificate"],
            key=options["key"],
            authority=options["authority"],
            kinds=tuple(options["kind"]),
            hosts=tuple(options["host"]),
            takes_accounts=not options["no_accounts"],
        )
        self.stdout.write(f"Inscrit : {_line(add_editor(spec, at=clock.now()))}")

    def _end(self, options: dict[str, Any]) -> None:
        went = end_editor(options["code"], at=clock.now())
        self.stdout.write(f"Retiré : {options['code']}, {went} créneaux à venir retirés")

    def _show(self, options: dict[str, Any]) -> None:
        editor = editor_of(options["code"])
        self.stdout.write(_line(editor))
        agendas = EditorAgenda.objects.filter(source=editor.source, ended_at__isnull=True)
        for agenda in agendas.select_related("professional", "structure").order_by("identifier"):
            read = f"lu le {agenda.asked_at:%d/%m/%Y %H:%M} UTC" if agenda.asked_at else "pas encore lu"
            self.stdout.write(f"  {agenda.identifier}  {agenda.professional or agenda.structure}, {read}")

    def _attach(self, options: dict[str, Any]) -> None:
        made = attach(editor_of(options["code"]), _identifiers(options), at=clock.now())
        self.stdout.write(f"{len(made)} agendas inscrits")

    def _detach(self, options: dict[str, Any]) -> None:
        went = detach(editor_of(options["code"]), _identifiers(options), at=clock.now())
        self.stdout.write(f"Agendas retirés, {went} créneaux à venir avec eux")

    def _refresh(self, options: dict[str, Any]) -> None:
        """At once, whatever their age."""
        live = EditorAgenda.objects.filter(ended_at__isnull=True, source__ended_at__isnull=True)
        if options["code"]:
            live = live.filter(source=editor_of(options["code"]).source)
        done = refresh(list(live.order_by("source", "pk")), at=clock.now())
        got = done.received
        self.stdout.write(f"{len(done.fresh)} agendas lus, {got.open} créneaux ouverts, {done.dropped} écartés")
        for code, why in sorted(done.silent.items()):
            self.stdout.write(f"{code} {words(why)}")


def _add_arguments(add: ArgumentParser) -> None:
    add.add_argument("code", help="court et définitif : « agendix »")
    add.add_argument("--name", required=True, help="nom montré aux OSNP")
    add.add_argument("--endpoint", required=True, help="adresse FHIR, en https://")
    add.add_argument("--certificate", required=True, help="fichier PEM de notre certificat")
    add.add_argument("--key", required=True, help="fichier PEM de sa clé, sans mot de passe")
    add.add_argument("--authority", required=True, help="fichier PEM de l’autorité de l’éditeur")
    add.add_argument("--kind", action="append", choices=EditorKind.values, required=True, help="peut être répété")
    add.add_argument("--host", action="append", default=[], help="hôte de ses pages de réservation ; peut être répété")
    add.add_argument("--no-accounts", action="store_true", help="ne reçoit pas les comptes des régulateurs (INT_R02)")


def _identifiers(options: dict[str, Any]) -> list[str]:
    found = list(options["identifier"])
    if options["file"]:
        path = Path(options["file"])
        try:
            if path.stat().st_size > MOST_OCTETS:
                raise CommandError(f"Ce fichier dépasse {MOST_OCTETS // 1_000_000} Mo.")
            found += [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Ce fichier ne se lit pas : {path}") from error
    if not found:
        raise CommandError("Donnez au moins un identifiant, ou un fichier.")
    return found


def _line(editor: Editor) -> str:
    source = editor.source
    state = f", retiré le {source.ended_at:%d/%m/%Y}" if source.ended_at else ""
    paused = f", suspendu jusqu’à {editor.open_until:%H:%M} UTC" if editor.open_until else ""
    return f"{source.code}  {source.name} ({', '.join(editor.kinds)}) : {editor.endpoint}{paused}{state}"
