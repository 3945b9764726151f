"""Who may say when care can be had."""

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.directory.models import Place, Professional


def may_manage(actor: Actor, place: Place) -> bool:
    """One's own place of practice, through one's own account."""
    return place.professional is not None and may_manage_absences(actor, place.professional)


def may_manage_absences(actor: Actor, professional: Professional) -> bool:
    return professional.account_id == actor.user.pk and actor.may(Capability.OWN_AVAILABILITY)
