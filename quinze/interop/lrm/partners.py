"""The register of regulation software."""

from datetime import datetime

from django.db.models import F

from quinze.accounts.models import Sas
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.interop.models import LrmPartner


def register_partner(*, name: str, origin: str, sas: Sas, at: datetime, hub_id: str = "") -> LrmPartner:
    """Refusal: an origin already known or badly formed, one that begins with « sas » (the platform's own)."""
    with refuse_violations():
        return LrmPartner.objects.create(
            name=name.strip(), origin=origin.strip(), hub_id=hub_id.strip(), sas=sas, created_at=at
        )


def end_partner(*, origin: str, at: datetime) -> LrmPartner:
    """Its calls are refused from the next one on."""
    found = partner_of(origin)
    if found is None:
        raise Refusal("Aucun logiciel actif n’a cette origine : « quinze lrm list » donne la liste.")
    found.ended_at = at
    found.save(update_fields=["ended_at"])
    return found


def partner_of(origin: str) -> LrmPartner | None:
    return LrmPartner.objects.select_related("sas").filter(origin=origin, ended_at__isnull=True).first()


def partner(pk: int) -> LrmPartner | None:
    return LrmPartner.objects.select_related("sas").filter(pk=pk, ended_at__isnull=True).first()


def partners() -> list[LrmPartner]:
    """Active first, then by name."""
    return list(LrmPartner.objects.select_related("sas").order_by(F("ended_at").desc(nulls_first=True), "name"))
