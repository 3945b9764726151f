"""What is to leave by the Hub Santé: rows written with the act they tell of, taken by the transport in their order."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.models import Sas
from quinze.interop.lrm import envelope
from quinze.interop.lrm.envelope import Envelope
from quinze.interop.models import HubMessage

State = HubMessage.State
AT_ONCE = 100
Made = Callable[[str, datetime], dict[str, Any]]


def put(kind: str, make: Made, *, sas: Sas, said: Envelope, at: datetime) -> HubMessage:
    """An answer to `said`, to be sent."""
    return put_new(kind, make, sas=sas, sender=said.recipient, recipient=said.sender, at=at)


def put_new(kind: str, make: Made, *, sas: Sas, sender: str, recipient: str, at: datetime) -> HubMessage:
    """`make(number, at)` gives the envelope; `at` carries the offset of the SAS."""
    number = f"{sender}_{uuid4()}"
    content = make(number, at.astimezone(ZoneInfo(sas.zone)))
    return HubMessage.objects.create(
        way="out", number=number, kind=kind, sender=sender, recipient=recipient, sas=sas, content=content,
        state=State.WAITING, at=at, changed_at=at,
    )  # fmt: skip


def take(send: Callable[[HubMessage], None], *, at: datetime) -> int:
    """Hands each waiting message to the transport, oldest first, and marks it sent. What it raises leaves it waiting.

    Two transports at once never take the same message. A crash between sending and marking sends it again: the other
    side knows it by its identifier.
    """
    sent = 0
    while sent < AT_ONCE:
        with transaction.atomic():
            waiting = HubMessage.objects.select_for_update(skip_locked=True).filter(way="out", state=State.WAITING)
            message = waiting.order_by("at", "pk").first()
            if message is None:
                break
            send(message)
            message.state, message.changed_at = State.SENT, at
            message.save(update_fields=["state", "changed_at"])
        sent += 1
    return sent


def settled(said: Envelope, *, at: datetime) -> str:
    """An Ack or an Error of what we sent; what is wrong when it speaks of nothing of ours."""
    number, problem = _reference(said)
    known = HubMessage.objects.select_for_update().filter(way="out", number=number, recipient=said.sender)
    changed = known.filter(state__in=[State.WAITING, State.SENT]).update(
        state=State.REFUSED if said.kind == envelope.ERROR else State.ACKED, problem=problem[:500], changed_at=at
    )
    if changed or known.exists():
        return ""
    return "Cette réponse parle d’un message que nous n’avons pas envoyé."


def _reference(said: Envelope) -> tuple[str, str]:
    error = said.message.get("error")
    if said.kind == envelope.ERROR and isinstance(error, dict):
        return str(error.get("referencedDistributionID", ""))[:200], str(error.get("errorCause", ""))
    reference = said.message.get("reference")
    return (str(reference.get("distributionID", ""))[:200] if isinstance(reference, dict) else ""), ""
