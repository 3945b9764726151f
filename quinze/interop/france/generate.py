"""Makes the whole country in one transaction: all of it, or an empty database to start again from."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TextIO

from django.db import connection, transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import RoleGrant, Sas, User
from quinze.accounts.roles import Role
from quinze.availability.models import Absence, OpeningRule, Slot
from quinze.base.errors import Refusal
from quinze.base.periods import period
from quinze.base.progress import Progress, progress
from quinze.directory.models import (
    Commune,
    Membership,
    Neighbour,
    OpeningLine,
    Participation,
    Place,
    Professional,
    SasCommune,
    Structure,
    StructureCommune,
)
from quinze.interop.france import agendas, land
from quinze.interop.france.copying import copy_lines, indexes_afterwards, line, number_from_here
from quinze.interop.france.people import COLUMNS, Settler, Tables
from quinze.orientation.models import CharterVersion
from quinze.orientation.operations import publish, save_draft, start_draft
from quinze.orientation.operations.fairness import count_offered_seats_everywhere

EXCLUSIVE = frozenset({"membership", "participation"})  # rows compared one with another: slow to fill, quick to build
KEEPER = "referent@france.quinze.invalid"
MODELS = {
    "professional": Professional,
    "structure": Structure,
    "zone": StructureCommune,
    "place": Place,
    "membership": Membership,
    "participation": Participation,
    "absence": Absence,
}


@dataclass(frozen=True, slots=True)
class Made:
    territories: int
    professionals: int
    structures: int
    rules: int
    slots: int
    seats: int


def generate_france(
    *, seed: int, since: date, at: datetime, only: Sequence[str] = (), out: TextIO | None = None
) -> Made:
    """SAS, communes covered, people, structures, charters, rules, and slots for seven days from `since`. `only` keeps
    some départements, with the density that they have in the whole country. Refusal on a database that is not empty.
    """
    if Sas.objects.exists() or Professional.objects.exists():
        raise Refusal("La base contient déjà un SAS ou des professionnels : générez dans une base vide.", code="loaded")
    if not Commune.objects.exists():
        raise Refusal("Les communes ne sont pas chargées : lancez « quinze load-geography ».", code="no_geography")
    with transaction.atomic():
        lands = land.territories(only)
        numbers = _territories(lands, at)
        tables = _people(lands, numbers, seed=seed, at=at, out=out)
        _charters(numbers, at=at, out=out)
        rules, slots, seats = _agendas(tables, since=since, at=at, out=out)
        count_offered_seats_everywhere(at=at)
    _tidy()
    return Made(len(lands), tables.professionals, tables.structures, rules, slots, seats)


def _territories(lands: Sequence[land.Territory], at: datetime) -> dict[str, int]:
    made = Sas.objects.bulk_create(Sas(code=each.code, name=each.name, zone=each.zone) for each in lands)
    numbers = {sas.code: sas.pk for sas in made}
    covered = (line(numbers[each.code], insee, "") for each in lands for insee in each.all_insee)
    copy_lines(SasCommune, ("sas_id", "commune_id", "part"), covered)
    Neighbour.objects.bulk_create(
        Neighbour(sas_id=numbers[a], neighbour_id=numbers[b]) for a, b in sorted(land.neighbours(lands))
    )
    week = [(day, time(8), time(20)) for day in range(5)] + [(5, time(8), time(12))]
    OpeningLine.objects.bulk_create(
        OpeningLine(
            sas=sas, line="SNP", weekday=day, starts=starts, ends=ends, valid_from=at.date() - timedelta(days=365)
        )
        for sas in made
        for day, starts, ends in week
    )
    return numbers


def _people(
    lands: Sequence[land.Territory], numbers: dict[str, int], *, seed: int, at: datetime, out: TextIO | None
) -> Tables:
    settler = Settler(Random(seed), at)
    with progress(total=len(lands), label="Professionnels et structures", stream=out) as bar:
        for each in lands:
            settler.settle(each, numbers[each.code])
            bar.step()
    with progress(total=sum(map(len, settler.tables.lines.values())), label="Annuaire", stream=out) as bar:
        for name, lines in settler.tables.lines.items():
            with indexes_afterwards(MODELS[name]) if name in EXCLUSIVE else nullcontext():
                bar.step(copy_lines(MODELS[name], COLUMNS[name], lines))
            if "id" in COLUMNS[name]:
                number_from_here(MODELS[name])
            lines.clear()
    return settler.tables


def _charters(numbers: dict[str, int], *, at: datetime, out: TextIO | None) -> None:
    """Each SAS publishes the example of the product, by the ordinary operations."""
    began = at - timedelta(days=60)
    keeper = User.objects.create(email=KEEPER, given_name="Louis", family_name="Salleron", created_at=began)
    with progress(total=len(numbers), label="Chartes", stream=out) as bar:
        for sas in Sas.objects.order_by("pk"):
            RoleGrant.objects.create(user=keeper, sas=sas, role=Role.REFERENT, during=period(began), granted_at=began)
            by = Actor(user=keeper, role=Role.REFERENT, sas=sas)
            draft = start_draft(sas=sas, by=by, at=began)
            draft = save_draft(
                draft=draft, title=f"Charte fictive, {sas}", authors="Comité fictif", document=draft.document, by=by,
                at=began,
            )  # fmt: skip
            version: CharterVersion = publish(draft=draft, agreed_on=began.date(), by=by, at=began)
            bar.step(version.number)


def _agendas(tables: Tables, *, since: date, at: datetime, out: TextIO | None) -> tuple[int, int, int]:
    rules = sum(len(hours) for _, hours in tables.agendas)
    with progress(total=rules, label="Ouvertures", stream=out) as bar, indexes_afterwards(OpeningRule):
        bar.step(copy_lines(OpeningRule, agendas.RULE_COLUMNS, _rule_lines(tables, since=since, at=at)))
    number_from_here(OpeningRule)
    counted = Counted()
    with progress(total=rules, label="Créneaux, par ouverture", stream=out) as bar:
        with indexes_afterwards(Slot):
            slots = copy_lines(Slot, agendas.SLOT_COLUMNS, _slot_lines(tables, since, counted, bar))
            bar.close()
            bar.label = "Index et contraintes"
        number_from_here(Slot)
    return rules, slots, counted.seats


@dataclass(slots=True)
class Counted:
    seats: int = 0


def _rule_lines(tables: Tables, *, since: date, at: datetime) -> Iterator[str]:
    number, valid = 0, since - timedelta(days=35)
    for owner, agenda in tables.agendas:
        for hours in agenda:
            number += 1
            yield agendas.rule_line(number, hours, owner.place, since=valid, at=at)


def _slot_lines(tables: Tables, since: date, counted: Counted, bar: Progress) -> Iterator[str]:
    days, number, rule = agendas.week(since), 0, 0
    for owner, agenda in tables.agendas:
        for hours in agenda:
            rule += 1
            for ending in agendas.slot_endings(owner, hours, rule, days):
                number += 1
                counted.seats += hours.capacity
                yield f"{number}{ending}"
        bar.step(len(agenda))


def _tidy() -> None:
    """Statistics and visibility: the first searches are as quick as the thousandth."""
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            for model in (*MODELS.values(), SasCommune, OpeningRule, Slot):
                cursor.execute(f'VACUUM ANALYZE "{model._meta.db_table}"')
