"""The doctor's word on one slot: the SAS sees it, or does not, whatever its rule or its editor says."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.availability.models import OpeningRule, Slot
from quinze.availability.queries.offer import participation_of, seen_audiences
from quinze.availability.rules import may_manage
from quinze.base import live
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Power, Professional
from quinze.directory.operations.delegation import on_behalf


@transaction.atomic
def show_slot(professional: Professional, *, pk: int, sees: bool, by: Actor, at: datetime) -> Slot:
    """What the audience would already do is not written: two taps that undo each other leave nothing behind."""
    slots = Slot.objects.select_for_update(of=("self",)).select_related("place__professional")
    slot = slots.filter(professional=professional, pk=pk).first()
    if slot is None or not may_manage(by, slot.place):
        raise NotFound("Ce créneau n’existe plus, ou n’est pas l’un des vôtres.")
    over = slot.ends_at <= at if slot.kind == OpeningRule.Kind.PLAGE else slot.starts_at <= at
    if over or slot.status != Slot.Status.OPEN:
        raise Refusal("Ce créneau est commencé ou retiré : il n’y a plus rien à montrer.", code="over")
    by_itself = slot.audience in seen_audiences(participation_of(professional, sas=by.sas, at=at))
    slot.sas_sees = None if sees == by_itself else sees
    slot.save(update_fields=["sas_sees"])
    on_behalf(by, Power.RULES, _act(slot, sees=sees), at=at, place_ids=[slot.place_id])
    live.publish(sas_id=by.sas.pk, topics=["slots"], at=at)
    return slot


def _act(slot: Slot, *, sees: bool) -> str:
    local = slot.starts_at.astimezone(ZoneInfo(slot.place.zone))
    return f"a {'montré' if sees else 'caché'} le créneau du {local:%d/%m/%Y %H:%M}"
