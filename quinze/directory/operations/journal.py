from datetime import date, datetime, time
from typing import Any

from django.db.models import Model

from quinze.accounts.actor import Actor
from quinze.directory.models import DirectoryChange


def record(action: str, subject: Model, *, by: Actor | None, at: datetime, **details: Any) -> None:
    """One line of the directory's journal, in the transaction that makes the change."""
    DirectoryChange.objects.create(
        sas=by.sas if by else None,
        by=by.user if by else None,
        role=by.role if by else "",
        at=at,
        subject=f"{subject._meta.model_name}:{subject.pk}",
        action=action,
        details={name: _plain(value) for name, value in details.items()},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return str(value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
