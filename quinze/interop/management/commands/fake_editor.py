"""quinze fake-editor: an editor of agendas on this machine, to try the exchanges with."""

import json
from argparse import ArgumentParser
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from quinze.accounts.models import Sas
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.models import Place, Structure
from quinze.interop.editors.declaring import Platform
from quinze.interop.editors.fake_agenda import Doctor, Hour, Resource, hours
from quinze.interop.editors.fake_editor import FakeEditor, Mood
from quinze.interop.editors.models import EditorKind
from quinze.interop.editors.pki import HOSTS, Authority, Pair
from quinze.interop.editors.register import EditorSpec, add_editor, attach, national

DAYS = 3
CLOCKS = ("9:00", "10:20", "11:40", "14:00", "15:20", "16:40", "18:00")
OF_CPTS = "16:40"  # of who is a member of one
LARGEST = 20_000_000


class Command(BaseCommand):
    help = "Simule un éditeur d’agendas en HTTPS : créneaux, comptes, pages de réservation, pannes au choix."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", default="Agendix")
        parser.add_argument("--port", type=int, default=9443)
        parser.add_argument(
            "--folder", default=str(settings.VAR / "fake-editor"), help="où sont ses certificats de démonstration"
        )
        parser.add_argument("--sas", help="tient l’agenda de médecins de ce SAS ; le premier sans cette option")
        parser.add_argument(
            "--doctors",
            type=int,
            default=5,
            help="combien (5), dont un créneau par jour est à leur CPTS ; et SOS Médecins",
        )
        parser.add_argument("--latency", type=float, default=0.0, help="secondes avant chaque réponse")
        parser.add_argument("--status", type=int, default=200, help="500 : en panne")
        parser.add_argument("--malformed", type=int, default=0, help="combien de créneaux faux par réponse")
        parser.add_argument(
            "--recording", help="un Bundle JSON reçu d’un éditeur, redit comme s’il était d’aujourd’hui"
        )
        parser.add_argument("--platform", help="dit les rendez-vous (INT_R03) à cette adresse FHIR, en http:// local")
        parser.add_argument("--register", action="store_true", help="l’inscrit aussi dans le registre de Quinze")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MODE == "production":
            raise CommandError("L’éditeur simulé est pour les essais : il est refusé en production.")
        folder = Path(options["folder"])
        authority = Authority(folder)
        server, client = authority.signs("localhost", hosts=HOSTS), authority.signs("quinze", unit="SAS")
        doctors = _agendas(options["sas"], options["doctors"], at=clock.now())
        fake = _opened(options, doctors, server, authority)
        self._show(fake, authority, client)
        if options["register"]:
            self._register(fake, authority, client)
        connection.close()  # the list is read once: the database is not kept
        fake.http.serve_forever()

    def _show(self, fake: FakeEditor, authority: Authority, client: Pair) -> None:
        people = sum(not one.is_association for one in fake.doctors)
        self.stdout.write(
            f"{fake.name} : {fake.endpoint}, {people} médecins, {len(fake.doctors) - people} associations"
        )
        self.stdout.write(
            f"  --certificate {client.certificate} --key {client.key} --authority {authority.certificate}"
        )
        for one in fake.doctors:
            who = f"{one.given} {one.family}".strip()
            self.stdout.write(f"  {one.identifier}  {who}, {one.city}, {len(one.hours)} créneaux")

    def _register(self, fake: FakeEditor, authority: Authority, client: Pair) -> None:
        spec = EditorSpec(
            code="".join(sign for sign in fake.name.lower() if sign.isalnum()),
            name=fake.name,
            endpoint=fake.endpoint,
            certificate=str(client.certificate),
            key=str(client.key),
            authority=str(authority.certificate),
            kinds=tuple(EditorKind.values),
        )
        try:
            with transaction.atomic():
                editor = add_editor(spec, at=clock.now())
                attach(editor, [one.identifier for one in fake.doctors], at=clock.now())
        except Refusal as refusal:
            fake.http.server_close()
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"Inscrit : {spec.code}")


def _opened(options: dict[str, Any], doctors: list[Doctor], server: Pair, authority: Authority) -> FakeEditor:
    mood = Mood(latency=options["latency"], status=options["status"], malformed=options["malformed"])
    secret = settings.QUINZE_FHIR_PROXY_SECRET
    platform = Platform(options["platform"], options["name"], secret) if options["platform"] else None
    try:
        return FakeEditor(
            options["name"], server, str(authority.certificate), doctors, options["port"], mood,
            declare=platform.tell if platform else None,
            recording=_recording(options["recording"]) if options["recording"] else None,
        )  # fmt: skip
    except OSError as error:
        raise CommandError(f"Le port {options['port']} est pris ({error.strerror}) : --port en choisit un.") from error


def _recording(path: str) -> Resource:
    try:
        if Path(path).stat().st_size > LARGEST:
            raise CommandError(f"Ce fichier dépasse {LARGEST // 1_000_000} Mo.")
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"Ce fichier ne se lit pas comme du JSON : {path}") from error
    if not isinstance(found, dict) or found.get("resourceType") != "Bundle":
        raise CommandError("Un Bundle FHIR est attendu.")
    return found


def _agendas(code: str | None, count: int, *, at: datetime) -> list[Doctor]:
    """Of the directory, who take part in the SAS: general practitioners with one place, and SOS Médecins associations
    that have a SIRET; three days of hours.
    """
    sas = Sas.objects.filter(code=code).first() if code else Sas.objects.order_by("pk").first()
    if sas is None:
        raise CommandError("Aucun SAS de ce code : « quinze demo » en fait un.")
    places = Place.objects.filter(is_active=True, professional__rpps__isnull=False, professional__specialty="SM54")
    mine = places.filter(professional__participations__sas=sas, professional__participations__during__contains=at)
    chosen = mine.select_related("professional", "commune").order_by("professional", "pk").distinct("professional")
    points = Place.objects.filter(is_active=True, structure__kind="SOS", structure__sas=sas, professional__isnull=True)
    of_sos = points.exclude(structure__siret=None).select_related("structure", "commune").order_by("structure", "pk")
    return [
        *(_doctor(place, at=at) for place in chosen[:count]),
        *(_association(place, at=at) for place in of_sos.distinct("structure")),
    ]


def _doctor(place: Place, *, at: datetime) -> Doctor:
    person = place.professional
    if person is None:
        raise ValueError(place.pk)
    offered = _hours(at)
    member_of = Structure.objects.filter(
        kind="CPTS", memberships__professional=person, memberships__during__contains=at
    )
    if finess := list(member_of.exclude(finess=None).order_by("pk").values_list("finess", flat=True)[:1]):
        offered = [_kept_for(f"1{finess[0]}", hour) if f"{hour.start:%H:%M}" == OF_CPTS else hour for hour in offered]
    return Doctor(
        national(person),
        person.family_name,
        person.given_name,
        place.address,
        place.commune.name,
        _code(place),
        offered,
    )


def _association(place: Place, *, at: datetime) -> Doctor:
    association = place.structure
    if association is None:
        raise ValueError(place.pk)
    return Doctor(
        national(association), association.name, "", place.address, place.commune.name, _code(place), _hours(at)
    )


def _hours(at: datetime) -> list[Hour]:
    return [hour for day in range(DAYS) for hour in hours(at + timedelta(days=day), *CLOCKS)]


def _kept_for(finess: str, hour: Hour) -> Hour:
    return replace(hour, label="CPTS", cpts=(finess,))


def _code(place: Place) -> str:
    return str((place.commune.postal_codes or [place.commune.insee])[0])
