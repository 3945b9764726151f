"""A seat of somebody else's agenda is looked at once more, just before it is kept for a patient."""

from dataclasses import dataclass
from datetime import datetime

from quinze.base import events
from quinze.orientation.queries.statements import rows

ELSEWHERE = "SELECT source FROM availability_slot WHERE id = %(slot)s AND source <> 'quinze'"


@dataclass(frozen=True, slots=True)
class SeatWanted:
    """Domain event: somebody is about to keep this slot of an editor. Heard outside any transaction, within two
    seconds: who hears it asks the editor, and writes what it answers. No answer keeps the slot as it is known.
    """

    slot_id: int
    at: datetime


def look_again(*, slot: int, at: datetime) -> None:
    """Nothing for our own slots. Call it outside any transaction: the network is slow."""
    if rows(ELSEWHERE, {"slot": slot}):
        events.emit(SeatWanted(slot, at))
