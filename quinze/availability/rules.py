"""Who may say when care can be had."""

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.directory.models import Place, Power, Professional
from quinze.directory.rules import reaches, stands_for


def may_manage(actor: Actor, place: Place) -> bool:
    """One's own place of practice, through one's own account; or a place that its owner delegated."""
    return (
        place.professional is not None and may_manage_absences(actor, place.professional) and reaches(actor, place.pk)
    )


def may_manage_absences(actor: Actor, professional: Professional) -> bool:
    own = actor.mandate is None and professional.account_id == actor.user.pk
    return actor.may(Capability.OWN_AVAILABILITY) and (own or stands_for(actor, professional.pk, Power.RULES))
