"""Whose agenda a request is about: one's own, or that of a doctor who consented."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest

from quinze.accounts.actor import Actor, Mandate
from quinze.accounts.roles import Role
from quinze.directory.models import Delegation, Professional
from quinze.directory.queries.delegation import mandates, professional_of

CHOSEN = "acting_for"  # professional, in the session


@dataclass(frozen=True, slots=True)
class Acting:
    """For the band at the top of every page of a delegate."""

    chosen: Delegation
    others: list[Delegation]


def acting_for(actor: Actor, request: HttpRequest, *, at: datetime) -> tuple[Actor, Professional | None]:
    """Who acts, with their mandate, and whose agenda it is. A delegate without a consent in force has none.

    Read at each request: what a doctor took back is gone at the next tap.
    """
    if actor.role != Role.DELEGATAIRE:
        return actor, professional_of(actor.user)
    held = mandates(actor.user, actor.sas, at=at)
    if not held:
        return actor, None
    wanted = request.session.get(CHOSEN)
    chosen = next((found for found in held if found.professional_id == wanted), held[0])
    request.acting = Acting(chosen, [found for found in held if found != chosen])  # type: ignore[attr-defined]
    return replace(actor, mandate=mandate_of(chosen)), chosen.professional


def choose(request: HttpRequest, delegation: Delegation) -> None:
    request.session[CHOSEN] = delegation.professional_id


def mandate_of(delegation: Delegation) -> Mandate:
    return Mandate(
        delegation_id=delegation.pk,
        professional_id=delegation.professional_id,
        name=str(delegation.professional),
        powers=frozenset(delegation.powers),
        place_ids=frozenset(place.pk for place in delegation.places.all()),
    )
