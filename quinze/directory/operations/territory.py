import re
from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.base import phones
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.directory.models import Commune, EntryNumber, LineClosure, Neighbour, OpeningLine, SasCommune
from quinze.directory.operations.journal import record

_CODE = re.compile(r"[0-9A-Z]{2,4}(-[0-9A-Z]{2,4})*")
LINES = ("AMU", "SNP", "PDSA")
SHORT_NUMBERS = ("15", "112", "114", "116117")


def create_sas(
    *,
    code: str,
    name: str,
    zone: str = "Europe/Paris",
    communes: Iterable[Commune] = (),
    by: Actor | None,
    at: datetime,
) -> Sas:
    """A SAS with the national hours of its SNP line. The first one of a deployment is created by nobody (a command)."""
    if not _CODE.fullmatch(code) or len(code) > 12:
        raise Refusal("Un code de SAS s’écrit 86, 21-58 ou 64A.", field="code")
    _check_zone(zone)
    with refuse_violations():
        sas = Sas.objects.create(code=code, name=_named(name), zone=zone)
        _default_hours(sas, from_day=at.astimezone(ZoneInfo(zone)).date())
        SasCommune.objects.bulk_create(SasCommune(sas=sas, commune=commune) for commune in communes)
        record("SAS créé", sas, by=by, at=at, code=code, zone=zone)
    return sas


@transaction.atomic
def change_sas(*, name: str, zone: str, by: Actor, at: datetime) -> Sas:
    sas = by.sas
    _check_zone(zone)
    sas.name, sas.zone = _named(name), zone
    sas.save(update_fields=["name", "zone"])
    record("SAS modifié", sas, by=by, at=at, name=name, zone=zone)
    return sas


@transaction.atomic
def cover_commune(commune: Commune, *, part: str = "", by: Actor, at: datetime) -> SasCommune:
    """The whole commune, or the part that `part` names. Saying it again changes the part."""
    row, _ = SasCommune.objects.update_or_create(sas=by.sas, commune=commune, defaults={"part": part.strip()})
    record("Commune couverte", by.sas, by=by, at=at, commune=commune, part=row.part)
    return row


@transaction.atomic
def cover_departement(code: str, *, by: Actor, at: datetime) -> int:
    """Every commune of the département that is not covered yet."""
    rows = [SasCommune(sas=by.sas, commune=commune) for commune in Commune.objects.filter(departement=code)]
    if not rows:
        raise Refusal("Ce département n’existe pas, ou ses communes ne sont pas chargées.", field="departement")
    before = SasCommune.objects.filter(sas=by.sas).count()
    SasCommune.objects.bulk_create(rows, ignore_conflicts=True)
    added = SasCommune.objects.filter(sas=by.sas).count() - before
    record("Département couvert", by.sas, by=by, at=at, departement=code, communes=added)
    return added


@transaction.atomic
def uncover_commune(commune: Commune, *, by: Actor, at: datetime) -> None:
    SasCommune.objects.filter(sas=by.sas, commune=commune).delete()
    record("Commune retirée", by.sas, by=by, at=at, commune=commune)


@transaction.atomic
def set_hours(
    line: str, hours: list[tuple[int, time, time]], *, starting: date, by: Actor, at: datetime
) -> list[OpeningLine]:
    """New weekly hours (weekday, opening, closing) from that day on; those in force stop the day before."""
    _check_line(line)
    _check_hours(hours)
    Sas.objects.select_for_update(no_key=True).get(pk=by.sas.pk)
    record("Horaires fixés", by.sas, by=by, at=at, line=line, hours=hours, starting=starting)
    rows = OpeningLine.objects.filter(sas=by.sas, line=line)
    rows.filter(valid_from__gte=starting).delete()
    rows.filter(valid_until__isnull=True).update(valid_until=date.fromordinal(starting.toordinal() - 1))
    return OpeningLine.objects.bulk_create(
        OpeningLine(sas=by.sas, line=line, weekday=weekday, starts=opens, ends=closes, valid_from=starting)
        for weekday, opens, closes in hours
    )


@transaction.atomic
def set_line_day(line: str, day: date, *, is_open: bool, reason: str, by: Actor, at: datetime) -> LineClosure:
    """One dated exception: closed, or open although it would not be."""
    _check_line(line)
    if not reason.strip():
        raise Refusal("Dites pourquoi : le motif s’affiche dans le calendrier.", field="reason")
    row, _ = LineClosure.objects.update_or_create(
        sas=by.sas, line=line, day=day, defaults={"is_open": is_open, "reason": reason.strip()[:200]}
    )
    action = "Ouverture exceptionnelle" if is_open else "Fermeture exceptionnelle"
    record(action, by.sas, by=by, at=at, line=line, day=day, reason=row.reason)
    return row


@transaction.atomic
def clear_line_day(line: str, day: date, *, by: Actor, at: datetime) -> None:
    LineClosure.objects.filter(sas=by.sas, line=line, day=day).delete()
    record("Exception levée", by.sas, by=by, at=at, line=line, day=day)


def add_entry_number(
    number: str, *, kind: str, stream: str = "", legal_ground: str = "", by: Actor, at: datetime
) -> EntryNumber:
    digits = re.sub(r"[\s.]", "", number)
    kept = digits if digits in SHORT_NUMBERS else phones.normalise(number, field="number")
    if not kept:
        raise Refusal("Donnez le numéro que composent les appelants.", field="number")
    with refuse_violations():
        row = EntryNumber.objects.create(
            sas=by.sas, number=kept, kind=kind, stream=stream, legal_ground=legal_ground.strip()
        )
        record("Numéro ajouté", by.sas, by=by, at=at, number=kept, kind=kind)
    return row


@transaction.atomic
def remove_entry_number(entry_number: EntryNumber, *, by: Actor, at: datetime) -> None:
    EntryNumber.objects.filter(sas=by.sas, pk=entry_number.pk).delete()
    record("Numéro retiré", by.sas, by=by, at=at, number=entry_number.number)


def add_neighbour(neighbour: Sas, *, by: Actor, at: datetime) -> Neighbour:
    with refuse_violations():
        row = Neighbour.objects.create(sas=by.sas, neighbour=neighbour)
        record("Voisin ajouté", by.sas, by=by, at=at, neighbour=neighbour)
    return row


@transaction.atomic
def remove_neighbour(neighbour: Sas, *, by: Actor, at: datetime) -> None:
    Neighbour.objects.filter(sas=by.sas, neighbour=neighbour).delete()
    record("Voisin retiré", by.sas, by=by, at=at, neighbour=neighbour)


def _default_hours(sas: Sas, *, from_day: date) -> None:
    """D. 6311-32: the SNP line answers at least when surgeries are open."""
    days = [(weekday, time(20)) for weekday in range(5)] + [(5, time(12))]
    OpeningLine.objects.bulk_create(
        OpeningLine(sas=sas, line="SNP", weekday=weekday, starts=time(8), ends=closes, valid_from=from_day)
        for weekday, closes in days
    )


def _named(name: str) -> str:
    if not name.strip():
        raise Refusal("Donnez un nom au SAS.", field="name")
    return name.strip()


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refusal("Ce fuseau horaire n’existe pas. Exemple : Europe/Paris.", field="zone") from None


def _check_line(line: str) -> None:
    if line not in LINES:
        raise Refusal("Les lignes sont AMU, SNP et PDSA.", field="line")


def _check_hours(hours: list[tuple[int, time, time]]) -> None:
    for rank, (weekday, opens, closes) in enumerate(sorted(hours)):
        if not 0 <= weekday <= 6:
            raise Refusal("Un jour va de lundi à dimanche.", field="hours")
        if closes <= opens:
            raise Refusal("La fermeture vient après l’ouverture.", field="hours")
        if rank and sorted(hours)[rank - 1][0] == weekday and sorted(hours)[rank - 1][2] > opens:
            raise Refusal("Deux plages du même jour se chevauchent.", field="hours")
