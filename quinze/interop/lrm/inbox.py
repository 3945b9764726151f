"""What the Hub Santé brings: stored, then understood, then answered. The transport calls `receive` and nothing else.

The answer (Ack or Error) is a row of the outbox, written in the transaction that did what it says. The same envelope
twice is stored once and answered once.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from quinze.accounts.models import Sas, User
from quinze.base import live
from quinze.base.constraints import violated
from quinze.directory.models import Professional
from quinze.directory.queries import professional_by_national_id
from quinze.interop.lrm import envelope, rdv
from quinze.interop.lrm.envelope import Envelope
from quinze.interop.lrm.linking import TOPIC, follow
from quinze.interop.lrm.outbox import put, settled
from quinze.interop.lrm.rdv import Faulty, Rdv
from quinze.interop.models import HubIdentity, HubMessage, PlatformRdv, PlatformRdvWord

State = HubMessage.State


def receive(text: bytes, *, at: datetime) -> HubMessage:
    """The message as it is kept, understood or refused. Raises Faulty: no envelope, nothing that could be answered."""
    said = envelope.read(text)
    sas = _sas(said)
    kept = _stored(said, sas, at=at)
    with transaction.atomic():
        locked = HubMessage.objects.select_for_update().get(pk=kept.pk)
        if locked.state == State.RECEIVED:
            problem = _understood(locked, said, sas, at=at)
            locked.state, locked.problem, locked.changed_at = (
                State.REFUSED if problem else State.DONE,
                problem[:500],
                at,
            )
            locked.save(update_fields=["state", "problem", "changed_at"])
    return locked


def _sas(said: Envelope) -> Sas | None:
    found = HubIdentity.objects.select_related("sas").filter(hub_id=said.recipient).first()
    return found.sas if found else None


def _stored(said: Envelope, sas: Sas | None, *, at: datetime) -> HubMessage:
    """In a transaction of its own: whatever happens next, it was received."""
    try:
        with transaction.atomic():
            return HubMessage.objects.create(
                way="in", number=said.number, kind=said.kind, sender=said.sender, recipient=said.recipient, sas=sas,
                content=said.whole, state=State.RECEIVED, at=at, changed_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        if violated(error) != "hub_message_once":
            raise
        return HubMessage.objects.get(way="in", number=said.number)


def _understood(message: HubMessage, said: Envelope, sas: Sas | None, *, at: datetime) -> str:
    """What is wrong, in French; empty when it was done. Answers are never answered."""
    if said.kind != envelope.REPORT:
        return settled(said, at=at)
    if sas is None:
        return "Ce destinataire n’est pas ici."
    if said.expires <= at:
        return _refuse(said, sas, envelope.EXPIRED, "Message périmé.", at=at)
    try:
        told = rdv.read(said.message.get("appointment"))
    except Faulty as faulty:
        return _refuse(said, sas, envelope.INVALID, str(faulty), at=at)
    known = PlatformRdv.objects.select_for_update().filter(sas=sas, number=told.id).first()
    if known is not None and told.method == rdv.CREATE:
        return _refuse(said, sas, envelope.EXISTS, f"Le rendez-vous {told.id} existe déjà.", at=at)
    _write(known, told, message, sas, at=at)
    put(envelope.ACK, lambda number, local: envelope.ack(said, number=number, at=local), sas=sas, said=said, at=at)
    return ""


def _refuse(said: Envelope, sas: Sas, code: tuple[int, str], why: str, *, at: datetime) -> str:
    put(
        envelope.ERROR,
        lambda number, local: envelope.error(said, code, why, number=number, at=local),
        sas=sas,
        said=said,
        at=at,
    )
    return why


def _write(known: PlatformRdv | None, told: Rdv, message: HubMessage, sas: Sas, *, at: datetime) -> PlatformRdv:
    """An update of one that is not known creates it. An older word that arrives late is history only."""
    said_at = _said_at(message, at)
    found = known or PlatformRdv(sas=sas, number=told.id, revision=0, received_at=at)
    late = known is not None and said_at < known.said_at
    found.revision += 1
    if not late:
        found.content, found.status, found.starts_at = rdv.write(told), told.status, told.start
        found.user, found.professional, found.said_at = _regulator(told), _professional(told), said_at
        found.changed_at = at
    found.save()
    PlatformRdvWord.objects.create(rdv=found, revision=found.revision, at=at, message=message, content=rdv.write(told))
    if found.case_id is not None and not late:
        follow(found, told, at=at)
    live.publish(sas_id=sas.pk, topics=[TOPIC], subject=f"platform-rdv:{found.pk}", at=at)
    return found


def _said_at(message: HubMessage, at: datetime) -> datetime:
    """No later than its arrival: a clock that runs ahead would silence what follows."""
    try:
        said = datetime.fromisoformat(message.content["dateTimeSent"])
    except (TypeError, ValueError):
        return at
    return min(said, at) if said.tzinfo else at


def _regulator(told: Rdv) -> User | None:
    """By the card, else by the address of the account."""
    said = told.regulator
    by_card = User.objects.filter(national_identity__subject=said.regulatorId).first() if said.regulatorId else None
    return by_card or User.objects.filter(email__iexact=said.regulatorEmail).exclude(email="").first()


def _professional(told: Rdv) -> Professional | None:
    return professional_by_national_id(told.practitioner.rppsId) if told.practitioner else None
