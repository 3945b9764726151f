"""Who is on duty for a CPTS at one instant, and the turns that its manager wrote."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import IntegerField, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce

from quinze.directory.models import Commune, Structure, StructureCommune
from quinze.orientation.models import DutyTally, DutyTurn
from quinze.science.ranking import Candidate

ON_DUTY = "de garde"
# One read for both questions: which CPTS cover this commune, and who is on duty there.
ON_DUTY_ROWS = """
SELECT zone.structure_id, turn.professional_id, coalesce(tally.taken >= turn.per_day, false) AS is_full
FROM directory_structurecommune zone
JOIN directory_structure cpts ON cpts.id = zone.structure_id AND cpts.kind = 'CPTS'
LEFT JOIN orientation_dutyturn turn ON turn.structure_id = zone.structure_id AND turn.during @> %(at)s::timestamptz
    AND (NOT EXISTS (SELECT FROM orientation_dutyturn_communes c WHERE c.dutyturn_id = turn.id)
        OR EXISTS (SELECT FROM orientation_dutyturn_communes c
            WHERE c.dutyturn_id = turn.id AND c.commune_id = zone.commune_id))
LEFT JOIN orientation_dutytally tally ON tally.turn_id = turn.id AND tally.day = %(day)s::date
WHERE zone.commune_id = %(commune)s
"""


@dataclass(frozen=True, slots=True)
class Duty:
    """The CPTS of a commune, and for those that have a rota now, who may still be sent somebody."""

    zones: frozenset[str]
    on_duty: dict[str, frozenset[str]]  # CPTS with a turn now → practitioners under their quota, perhaps none


def duty_from(found: Iterable[tuple[int, int | None, bool]]) -> Duty:
    """From ON_DUTY_ROWS."""
    found = list(found)
    held = {str(cpts) for cpts, doctor, _ in found if doctor is not None}
    return Duty(
        frozenset(str(cpts) for cpts, *_ in found),
        {
            cpts: frozenset(f"p{doctor}" for zone, doctor, full in found if str(zone) == cpts and doctor and not full)
            for cpts in held
        },
    )


def through_duty(candidates: Iterable[Candidate], duty: Duty) -> tuple[Candidate, ...]:
    """A CPTS with a rota is reached through those on duty: the others keep their own levels, and lose that one."""
    if not duty.on_duty:
        return tuple(candidates)
    return tuple(_reached(candidate, duty.on_duty) for candidate in candidates)


def _reached(candidate: Candidate, on_duty: dict[str, frozenset[str]]) -> Candidate:
    mine = frozenset(cpts for cpts, doctors in on_duty.items() if candidate.practitioner in doctors)
    if mine:
        via = f"{candidate.via}, {ON_DUTY}" if candidate.via else ON_DUTY
        return replace(candidate, cpts_ids=candidate.cpts_ids.difference(on_duty) | mine, via=via)
    if candidate.cpts_ids.isdisjoint(on_duty):
        return candidate
    return replace(candidate, cpts_ids=candidate.cpts_ids.difference(on_duty))


def turns_of(structure: Structure, *, start: datetime, end: datetime, at: datetime) -> list[DutyTurn]:
    """Those that touch the period, in order, each with what it received today (`today`)."""
    day = at.astimezone(ZoneInfo(structure.sas.zone if structure.sas else "UTC")).date()
    taken = DutyTally.objects.filter(turn=OuterRef("pk"), day=day).values("taken")
    turns = DutyTurn.objects.filter(structure=structure, during__overlap=(start, end)).select_related("professional")
    turns = turns.prefetch_related(Prefetch("communes", Commune.objects.order_by("name")))
    return list(
        turns.annotate(today=Coalesce(Subquery(taken, output_field=IntegerField()), 0)).order_by("during", "pk")
    )


def communes_of(structure: Structure) -> list[Commune]:
    """The zone of a CPTS, by name."""
    zone = StructureCommune.objects.filter(structure=structure).values("commune")
    return list(Commune.objects.filter(pk__in=zone).order_by("name", "pk"))
