"""What the folders below say that an editor must be asked, or told. Registered by apps.ready()."""

from datetime import timedelta

from quinze.availability.queries.sources import agenda_of_slot
from quinze.base.events import subscribe
from quinze.interop.editors.refreshing import refresh
from quinze.orientation.operations.freshness import SeatWanted

BUDGET = 2.0  # seconds: somebody is on the line
FRESH = timedelta(seconds=15)


def register() -> None:
    subscribe(SeatWanted, ask_again)


def ask_again(event: SeatWanted) -> None:
    """The whole agenda of that doctor, not the slot alone: what is free beside it is as useful if it is gone."""
    agenda = agenda_of_slot(event.slot_id)
    if agenda is None or (agenda.asked_at is not None and agenda.asked_at > event.at - FRESH):
        return
    refresh([agenda], at=event.at, budget=BUDGET)
