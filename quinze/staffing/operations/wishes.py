"""What people would like to work, or not: said by them, heard by the solver after the rules and the gaps."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import User
from quinze.base.constraints import refuse_violations
from quinze.base.errors import NotFound, Refusal
from quinze.staffing.models import RosterWish
from quinze.staffing.wishes import MOST_WISHES, STRENGTHS

FARTHEST_DAYS = 366


@transaction.atomic
def add_wish(
    *, weekday: int | None, night: bool | None, first: date | None, last: date | None, weight: int, by: Actor,
    at: datetime,
) -> RosterWish:  # fmt: skip
    """Of who says it. One date alone is that day; no date: always."""
    first, last = first or last, last or first
    today = at.astimezone(ZoneInfo(by.sas.zone)).date()
    if weight not in dict(STRENGTHS):
        raise Refusal("Dites si vous le souhaitez ou non.", field="weight", code="weight")
    if last and last < today:
        raise Refusal("Ces jours sont passés.", field="last", code="past")
    if last and (last - today).days > FARTHEST_DAYS:
        raise Refusal("Vérifiez l’année : un an d’avance au plus.", field="last", code="far")
    User.objects.select_for_update(no_key=True).get(pk=by.user.pk)
    if RosterWish.objects.filter(user=by.user).count() >= MOST_WISHES:
        raise Refusal(f"{MOST_WISHES} souhaits au plus : retirez-en un.", code="many")
    with refuse_violations():
        return RosterWish.objects.create(
            user=by.user, weekday=weekday, night=night, first=first, last=last, weight=weight, made_at=at
        )


@transaction.atomic
def withdraw_wish(pk: int, *, by: Actor) -> None:
    gone, _ = RosterWish.objects.filter(pk=pk, user=by.user).delete()
    if not gone:
        raise NotFound("Ce souhait n’existe plus.")
