"""What the directory does when a folder below says that something happened. Registered by apps.ready()."""

from quinze.accounts.operations import AccountOfRegister, IdentityLinked, IdentityUntied
from quinze.base.events import subscribe
from quinze.directory.operations.account import tie_to_register
from quinze.directory.operations.enrolment import free_sheet, tie_to_sheet


def register() -> None:
    subscribe(IdentityLinked, tie_to_sheet)
    subscribe(IdentityUntied, free_sheet)
    subscribe(AccountOfRegister, tie_to_register)
