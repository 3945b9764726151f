from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from quinze.accounts.actor import Actor
from quinze.accounts.announcements import AT_ONCE, LONGEST, Banner, Level, pack
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import Announcement, Sas
from quinze.accounts.roles import Role
from quinze.base import live
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.base.periods import period

TOPIC = "announcements"


@transaction.atomic
def announce(
    text: str,
    *,
    level: Level,
    begins: datetime,
    ends: datetime | None,
    roles: Collection[Role] = (),
    before_login: bool = False,
    by: Actor,
    at: datetime,
) -> Announcement:
    """Open pages of the SAS show it at once, or when it begins; without an end, until somebody stops it."""
    sas = _locked(by)
    said = " ".join(text.split())
    _check(said, begins=begins, ends=ends, at=at)
    if len(_coming(sas, at=at)) >= AT_ONCE:
        words = f"{AT_ONCE} annonces sont déjà prévues ou affichées : arrêtez-en une, on ne les lirait plus."
        raise Refusal(words, code="too_many")
    with refuse_violations():
        made = Announcement.objects.create(
            sas=sas, text=said, level=level, during=period(begins, ends), roles=sorted(set(roles)),
            before_login=before_login, by=by.user, at=at,
        )  # fmt: skip
    _show(sas, at=at)
    return made


@transaction.atomic
def stop_announcement(pk: int, *, by: Actor, at: datetime) -> Announcement:
    sas = _locked(by)
    found = Announcement.objects.filter(sas=sas, pk=pk).select_related("stopped_by").first()
    if found is None:
        raise NotFound("Cette annonce n’existe pas.")
    if found.stopped_at or (found.during.upper and found.during.upper <= at):
        who = f" par {found.stopped_by}" if found.stopped_by else ""
        raise Conflict(f"Cette annonce est déjà finie{who}.", code="over")
    found.stopped_by, found.stopped_at = by.user, at
    found.save(update_fields=["stopped_by", "stopped_at"])
    _show(sas, at=at)
    return found


def _locked(by: Actor) -> Sas:
    """Two people who announce together do it one after the other: both are in what pages read."""
    if not by.may(Capability.ANNOUNCE):
        raise Refusal("Votre rôle n’annonce rien.", code="forbidden")
    return Sas.objects.select_for_update(no_key=True).get(pk=by.sas.pk)


def _check(said: str, *, begins: datetime, ends: datetime | None, at: datetime) -> None:
    if not said or "\x00" in said:
        raise Refusal("Écrivez ce qu’il faut dire.", field="text", code="empty")
    if len(said) > LONGEST:
        raise Refusal(f"{LONGEST} caractères au plus ; il y en a {len(said)}.", field="text", code="length")
    if ends is not None and ends <= max(begins, at):
        raise Refusal("La fin vient avant le début, ou elle est passée.", field="ends", code="order")


def _coming(sas: Sas, *, at: datetime) -> list[Announcement]:
    rows = Announcement.objects.filter(sas=sas, stopped_at__isnull=True).order_by("-at")
    return list(rows.filter(Q(during__upper_inf=True) | Q(during__endswith__gt=at)))


def _show(sas: Sas, *, at: datetime) -> None:
    sas.announced = pack(banner(row) for row in _coming(sas, at=at))
    sas.save(update_fields=["announced"])
    live.publish(sas_id=sas.pk, topics=[TOPIC], at=at)


def banner(row: Announcement) -> Banner:
    return Banner(
        pk=row.pk,
        text=row.text,
        level=Level(row.level),
        begins=row.during.lower,
        ends=row.during.upper,
        roles=frozenset(Role(role) for role in row.roles),
    )
