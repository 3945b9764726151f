"""What the directory does when a folder below says that something happened. Registered by apps.ready()."""

from quinze.accounts.operations import AccountOfRegister, IdentityLinked, IdentityUntied
from quinze.accounts.platform import Landing
from quinze.base.events import subscribe
from quinze.directory.operations.account import tie_to_register
from quinze.directory.operations.enrolment import free_sheet, tie_to_sheet
from quinze.directory.queries.enrolment import sas_of_place

MOST_DIGITS = 19  # of a key that PostgreSQL holds


def register() -> None:
    subscribe(IdentityLinked, tie_to_sheet)
    subscribe(IdentityUntied, free_sheet)
    subscribe(AccountOfRegister, tie_to_register)
    subscribe(Landing, say_whose_territory)


def say_whose_territory(landing: Landing) -> None:
    """That of the place whose agenda the platform was shown (`lieu`)."""
    number = landing.said("lieu")
    if landing.sas is None and number.isdecimal() and len(number) < MOST_DIGITS:
        landing.sas = sas_of_place(int(number))
