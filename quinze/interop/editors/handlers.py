"""What the folders below say that an editor must be asked, or told. Registered by apps.ready()."""

from datetime import timedelta

from quinze.accounts.events import AccountChanged, PostTaken
from quinze.availability.queries.sources import agenda_of_slot
from quinze.base.events import subscribe
from quinze.interop.editors.accounts import REGULATORS, declare, withdraw_if_none
from quinze.interop.editors.refreshing import refresh
from quinze.orientation.operations.freshness import SeatWanted

BUDGET = 2.0  # seconds: somebody is on the line
FRESH = timedelta(seconds=15)


def register() -> None:
    subscribe(SeatWanted, ask_again)
    subscribe(PostTaken, declare_who_arrives)
    subscribe(AccountChanged, withdraw_who_may_not)


def ask_again(event: SeatWanted) -> None:
    """The whole agenda of that doctor, not the slot alone: what is free beside it is as useful if it is gone."""
    agenda = agenda_of_slot(event.slot_id)
    if agenda is None or (agenda.asked_at is not None and agenda.asked_at > event.at - FRESH):
        return
    refresh([agenda], at=event.at, budget=BUDGET)


def declare_who_arrives(event: PostTaken) -> None:
    """Accounts are told to editors when people come, not when they are made: most are never used there."""
    if event.role in REGULATORS:
        declare(event.user, at=event.at)


def withdraw_who_may_not(event: AccountChanged) -> None:
    withdraw_if_none(event.user, at=event.at)
