"""The manager of a CPTS writes who is on duty. A turn that has begun is shortened, never erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.base.periods import period
from quinze.directory.models import Commune, Membership, Professional, Structure, StructureCommune
from quinze.directory.operations.journal import record
from quinze.directory.queries.membership import manages
from quinze.orientation.models import DutyTurn

LONGEST = timedelta(days=366)
MOST_A_DAY = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """No commune: the whole CPTS. No quota: everybody it is sent."""

    professional: Professional
    start: datetime
    end: datetime
    communes: Sequence[Commune] = ()
    per_day: int | None = None


@transaction.atomic
def add_turn(structure: Structure, turn: Turn, *, by: Actor, at: datetime) -> DutyTurn:
    _check_manages(structure, by, at=at)
    _check(structure, turn, at=at)
    with refuse_violations():
        made = DutyTurn.objects.create(
            structure=structure,
            professional=turn.professional,
            during=period(turn.start, turn.end),
            per_day=turn.per_day,
            created_by=by.user,
            created_at=at,
        )
    made.communes.set(turn.communes)
    record("Tour de garde ajouté", structure, by=by, at=at, who=turn.professional, start=turn.start, end=turn.end)
    return made


@transaction.atomic
def end_turn(turn: DutyTurn, *, by: Actor, at: datetime) -> None:
    """One that has not begun is left empty: nobody was ever sent under it."""
    _check_manages(turn.structure, by, at=at)
    row = DutyTurn.objects.select_for_update().get(pk=turn.pk)
    if row.during.isempty or row.during.upper <= at:
        raise Conflict("Ce tour est déjà terminé : rechargez la page.", code="ended")
    row.during = period(row.during.lower, max(at, row.during.lower))
    row.save(update_fields=["during"])
    record("Tour de garde retiré", turn.structure, by=by, at=at, who=turn.professional)


def _check_manages(structure: Structure, by: Actor, *, at: datetime) -> None:
    if structure.sas_id != by.sas.pk or not by.may(Capability.MANAGE_STRUCTURE):
        raise NotFound("Cette structure n’est pas l’une de celles que vous gérez.")
    if not manages(by.user, structure.pk, at=at):
        raise NotFound("Cette structure n’est pas l’une de celles que vous gérez.")


def _check(structure: Structure, turn: Turn, *, at: datetime) -> None:
    if structure.kind != "CPTS":
        raise Refusal("Un tour de garde est celui d’une CPTS.", code="kind")
    if turn.end <= turn.start:
        raise Refusal("La fin doit venir après le début.", field="end_day")
    if turn.end <= at:
        raise Refusal("Ce tour est déjà passé.", field="end_day")
    if turn.end - turn.start > LONGEST:
        raise Refusal("Un tour dure un an au plus : vérifiez les dates.", field="end_day")
    if turn.per_day is not None and not 1 <= turn.per_day <= MOST_A_DAY:
        raise Refusal(f"Donnez un nombre de 1 à {MOST_A_DAY}, ou rien.", field="per_day")
    member = Membership.objects.filter(structure=structure, professional=turn.professional, during__contains=at)
    if not member.exists():
        raise Refusal("Seul un membre de la CPTS prend un tour : choisissez-le dans la liste.", field="professional")
    zone = set(StructureCommune.objects.filter(structure=structure).values_list("commune_id", flat=True))
    if outside := [commune.name for commune in turn.communes if commune.pk not in zone]:
        raise Refusal(f"Hors de la zone de la CPTS : {', '.join(outside)}.", field="communes")
