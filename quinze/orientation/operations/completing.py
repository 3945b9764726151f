"""What the OSNP completes about the person: identity while it is provisional, and how to reach them."""

from datetime import datetime
from typing import Any

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.orientation.models import OrientationRequest
from quinze.orientation.operations.requests import update_contact
from quinze.patients.models import Patient
from quinze.patients.operations import change_identity


def complete(
    *,
    request: OrientationRequest,
    version: int,
    contact: dict[str, Any],
    identity: dict[str, Any],
    by: Actor,
    at: datetime,
) -> OrientationRequest:
    """Both or neither. A validated identity is left to those who hold the proof of it."""
    with transaction.atomic():
        changed = update_contact(request=request, version=version, by=by, at=at, **contact)
        if identity and changed.patient.identity == Patient.Identity.PROVISIONAL:
            changed.patient = change_identity(changed.patient, identity)
    return changed
