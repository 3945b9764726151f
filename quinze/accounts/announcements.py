"""What a SAS announces to everyone at their desk, as the row of the SAS carries it: no page asks for it."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from quinze.accounts.roles import Role

LONGEST = 300
CLOSED = "announcements_closed"  # of the session: what this person closed since they logged in
AT_ONCE = 5  # of one SAS, shown or to come


class Level(models.TextChoices):
    INFO = "info", "Information"
    ATTENTION = "attention", "Attention"
    INCIDENT = "incident", "Incident"


NOTES = {Level.INFO: "info", Level.ATTENTION: "warn", Level.INCIDENT: "alert"}


@dataclass(frozen=True, slots=True)
class Banner:
    """From `begins` to just before `ends` (None: until it is stopped), to these roles (none: all of them)."""

    pk: int
    text: str
    level: Level
    begins: datetime
    ends: datetime | None
    roles: frozenset[Role]

    @property
    def kind(self) -> str:
        return NOTES[self.level]

    @property
    def may_be_closed(self) -> bool:
        return self.level != Level.INCIDENT

    def is_shown(self, *, role: Role, at: datetime) -> bool:
        return self.begins <= at and self.is_for(role) and not self.is_over(at)

    def is_for(self, role: Role) -> bool:
        return not self.roles or role in self.roles

    def is_over(self, at: datetime) -> bool:
        return self.ends is not None and self.ends <= at


def pack(banners: Iterable[Banner]) -> str:
    """Empty when there is nothing to say, which is how most pages find it."""
    rows = [
        {
            "pk": each.pk,
            "text": each.text,
            "level": each.level,
            "begins": each.begins.isoformat(),
            "ends": each.ends.isoformat() if each.ends else None,
            "roles": sorted(each.roles),
        }
        for each in banners
    ]
    return json.dumps(rows, ensure_ascii=False) if rows else ""


def unpack(packed: str) -> list[Banner]:
    return [
        Banner(
            pk=row["pk"],
            text=row["text"],
            level=Level(row["level"]),
            begins=datetime.fromisoformat(row["begins"]),
            ends=datetime.fromisoformat(row["ends"]) if row["ends"] else None,
            roles=frozenset(Role(role) for role in row["roles"]),
        )
        for row in json.loads(packed or "[]")
    ]


def shown(packed: str, *, role: Role, at: datetime, closed: Collection[int] = ()) -> list[Banner]:
    """The gravest first, then the latest; without those that the person closed."""
    kept = [
        each
        for each in unpack(packed)
        if each.is_shown(role=role, at=at) and not (each.may_be_closed and each.pk in closed)
    ]
    return sorted(kept, key=lambda each: (-list(Level).index(each.level), -each.begins.timestamp()))


def next_change(packed: str, *, role: Role, at: datetime) -> datetime | None:
    """When what this role sees changes by itself: a banner begins, or ends."""
    instants = (
        instant for each in unpack(packed) if each.is_for(role) for instant in (each.begins, each.ends) if instant
    )
    return min((instant for instant in instants if instant > at), default=None)
