"""Who may say when care can be had."""

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.directory.models import Place, Power, Professional, Structure, StructureManager
from quinze.directory.rules import reaches, stands_for


def may_manage(actor: Actor, place: Place) -> bool:
    """One's own place of practice, a place that its owner delegated, or a place of the structure one runs."""
    if place.professional is None:
        return place.structure is not None and _runs(actor, place.structure)
    return may_manage_absences(actor, place.professional) and reaches(actor, place.pk)


def _runs(actor: Actor, structure: Structure) -> bool:
    """Named for it, and not removed since."""
    if not actor.may(Capability.MANAGE_STRUCTURE) or structure.sas_id != actor.sas.pk:
        return False
    return StructureManager.objects.filter(structure=structure, user=actor.user, during__upper_inf=True).exists()


def may_manage_absences(actor: Actor, professional: Professional) -> bool:
    own = actor.mandate is None and professional.account_id == actor.user.pk
    return actor.may(Capability.OWN_AVAILABILITY) and (own or stands_for(actor, professional.pk, Power.RULES))
