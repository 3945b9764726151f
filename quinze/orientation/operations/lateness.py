"""« Je préviens » : the doctor runs late, and the person and the SAS know it before the hour."""

from datetime import datetime, timedelta

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import Refusal
from quinze.orientation.models import Booking, Message
from quinze.orientation.operations.book import given
from quinze.orientation.operations.give import words
from quinze.orientation.operations.journal import tell_booking
from quinze.orientation.operations.messages import queue_lateness

MINUTES = (10, 20, 30, 45, 60)
AHEAD, AFTER = timedelta(hours=12), timedelta(hours=1)
KIND = "doctor_late"


@transaction.atomic
def announce_lateness(*, booking: Booking, minutes: int, by: Actor, at: datetime) -> list[Message]:
    """The appointment does not move; its history says how late. Empty when the person has no way of being written to:
    the doctor is then asked to telephone.
    """
    if minutes not in MINUTES:
        raise Refusal("Choisissez l’un des retards proposés.", field="minutes")
    locked = given(booking)
    if not locked.starts_at - AHEAD <= at <= locked.starts_at + AFTER:
        raise Refusal("Un retard s’annonce le jour même, jusqu’à une heure après l’heure prévue.", code="not_now")
    text = f"Retard d’environ {minutes} min annoncé par le médecin : {words(locked)}"
    tell_booking(locked, kind=KIND, text=text, by=by, at=at, data={"minutes": minutes})
    return queue_lateness(locked, minutes=minutes, at=at)
