"""What the directory does when a folder below says that something happened. Registered by apps.ready()."""

from quinze.accounts.operations import IdentityLinked
from quinze.base.events import subscribe
from quinze.directory.operations.enrolment import tie_to_sheet


def register() -> None:
    subscribe(IdentityLinked, tie_to_sheet)
