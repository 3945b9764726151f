"""A contextual call becomes a request, once however often its form is sent."""

from datetime import datetime

from django.db import IntegrityError, transaction

from quinze.accounts.actor import Actor
from quinze.base.constraints import violated
from quinze.interop.models import LrmOpening, LrmPartner
from quinze.orientation.models import OrientationRequest
from quinze.regulation.operations.called import Brought, open_brought

ONCE = "interop_lrmopening_key_key"


def open_call(key: str, brought: Brought, *, partner: LrmPartner, by: Actor, at: datetime) -> OrientationRequest:
    """The request made of it now, or the one that another tab made. Raises Refusal as `open_brought` does."""
    try:
        with transaction.atomic():
            made = open_brought(brought, by=by, at=at)
            LrmOpening.objects.create(key=key, partner=partner, request=made, by=by.user, at=at)
            return made
    except IntegrityError as error:
        if violated(error) != ONCE:
            raise
        return OrientationRequest.objects.select_related("patient", "sas", "commune").get(
            pk=LrmOpening.objects.values_list("request").get(key=key)[0]
        )
