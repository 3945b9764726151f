"""What another machine says of a file: a line of its chronology, by nobody."""

from datetime import datetime
from typing import Any

from quinze.accounts.actor import Actor
from quinze.regulation.models import CaseFile
from quinze.regulation.operations.record import append, tell


def note_from_outside(case: CaseFile, *, kind: str, text: str, by: Actor | None, at: datetime, **data: Any) -> None:
    """Inside the transaction of what made it true. `by`: who joined the two, when somebody did."""
    append(case, by=by, at=at, kind=kind, text=text, **data)
    tell(case, at=at)
