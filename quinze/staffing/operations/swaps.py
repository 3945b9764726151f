"""One gives a shift to a colleague, or exchanges it: asked, then answered by the colleague, judged by the rules at
that moment.
"""

from datetime import datetime

from django.db import transaction

from quinze.accounts.models import User
from quinze.base.constraints import refuse_violations
from quinze.base.errors import NotFound, Refusal
from quinze.science import rosters as science
from quinze.staffing.models import RosterAssignment, RosterEvent, RosterShift, RosterSwap
from quinze.staffing.operations.rosters import check_granted, names_of, told, week_around
from quinze.staffing.queries import rosters as queries
from quinze.staffing.rostering import sentences

S = RosterSwap.State


@transaction.atomic
def ask_swap(
    *, given: RosterShift, giver: User, taker: User, at: datetime, returned: RosterShift | None = None
) -> RosterSwap:
    """Nothing changes until the colleague says yes; what the rules forbid today is refused at once."""
    _check_held(given, giver, at=at)
    check_granted(taker, given)
    if returned:
        _check_held(returned, taker, at=at)
        check_granted(giver, returned)
    _check_rules(given, giver=giver, taker=taker, returned=returned)
    with refuse_violations():
        return RosterSwap.objects.create(given=given, returned=returned, giver=giver, taker=taker, asked_at=at)


@transaction.atomic
def answer_swap(pk: int, *, accepted: bool, user: User, at: datetime) -> RosterSwap:
    swap = _open(pk, taker=user)
    if accepted:
        _exchange(swap, at=at)
    swap.state, swap.answered_at = (S.ACCEPTED if accepted else S.REFUSED), at
    swap.save(update_fields=["state", "answered_at"])
    return swap


@transaction.atomic
def withdraw_swap(pk: int, *, user: User, at: datetime) -> RosterSwap:
    swap = _open(pk, giver=user)
    swap.state, swap.answered_at = S.WITHDRAWN, at
    swap.save(update_fields=["state", "answered_at"])
    return swap


def _open(pk: int, **whose: User) -> RosterSwap:
    found = RosterSwap.objects.select_for_update(of=("self",)).filter(pk=pk, state=S.ASKED, **whose)
    swap = found.select_related("given__sas", "returned__sas", "giver", "taker").first()
    if swap is None:
        raise NotFound("Cette demande d’échange n’attend plus de réponse.")
    return swap


def _exchange(swap: RosterSwap, *, at: datetime) -> None:
    """Rows are locked in one order; both leave before either comes, so that nobody seems to be at two posts."""
    moves = [(swap.given, swap.giver, swap.taker)]
    moves += [(swap.returned, swap.taker, swap.giver)] if swap.returned else []
    shifts = sorted(shift.pk for shift, _, _ in moves)
    list(RosterShift.objects.select_for_update(no_key=True).filter(pk__in=shifts).order_by("pk"))
    for shift, owner, receiver in moves:
        _check_held(shift, owner, at=at)
        check_granted(receiver, shift)
    _check_rules(swap.given, giver=swap.giver, taker=swap.taker, returned=swap.returned)
    for shift, owner, _ in moves:
        RosterAssignment.objects.filter(shift=shift, user=owner).delete()
    for shift, owner, receiver in moves:
        with refuse_violations():
            RosterAssignment.objects.create(shift=shift, user=receiver, during=shift.during)
        RosterEvent.objects.create(
            sas=shift.sas, kind=RosterEvent.Kind.SWAPPED, user=receiver, by=swap.taker, at=at,
            said=f"{told(shift)} : {receiver} à la place de {owner}.",
        )  # fmt: skip


def _check_held(shift: RosterShift, user: User, *, at: datetime) -> None:
    if shift.during.lower <= at:
        raise Refusal("Cette garde a commencé : voyez le superviseur.", code="begun")
    if not RosterAssignment.objects.filter(shift=shift, user=user).exists():
        raise Refusal(f"{user} n’est plus sur cette garde : {told(shift)}.", code="not_held")


def _check_rules(given: RosterShift, *, giver: User, taker: User, returned: RosterShift | None) -> None:
    shifts = week_around([given, *([returned] if returned else [])])
    problem = queries.problem_of(given.sas, shifts, people=[giver, taker])
    before = queries.assignments_of(shifts)
    try:
        after = science.swapped(
            before,
            giver=str(giver.pk),
            given=str(given.pk),
            taker=str(taker.pk),
            returned=str(returned.pk) if returned else None,
        )
    except science.Unusable as wrong:
        raise Refusal("Cette personne est déjà sur cette garde.", field="taker", code="twice") from wrong
    if broken := science.new_breaches(problem, before, after):
        raise Refusal(sentences(broken, names_of([giver, taker])), field="taker", code="rules")
