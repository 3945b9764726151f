"""Doctors and their delegates hear of what waits for them by the outbox: they are not always before their page."""

from datetime import datetime

from django.urls import reverse

from quinze.accounts.models import NationalIdentity, User
from quinze.directory.models import DelegationEvent
from quinze.directory.operations.delegation import DelegationSaid
from quinze.directory.operations.recruiting import ContactErased, ContactToWrite
from quinze.orientation import notices
from quinze.orientation.links import page_url
from quinze.orientation.models import Message, OverbookingAsk
from quinze.orientation.notices import Asked, Letter
from quinze.orientation.operations.messages import is_mobile, queue
from quinze.orientation.sentences import clock, moment

CONTACT = "contact"


def write_of_delegation(event: DelegationSaid) -> None:
    """To the other one. A person who was just given an account for it has their invitation instead."""
    to = event.to
    if to is None or not to.is_active or (event.kind == DelegationEvent.Kind.INVITED and not _may_login(to)):
        return
    url = page_url(reverse("directory:delegations"))
    written = notices.delegation(event.kind, who=event.by.name, scope=event.text, sas=str(event.by.sas), url=url)
    queue([_email(event.by.sas.pk, to.email, "delegation", written, event.at)])


def write_to_contact(event: ContactToWrite) -> None:
    """The link that confirms, renews or withdraws; nothing else about them."""
    written = notices.contact(sas=str(event.sas), url=event.link, confirmed=event.confirmed)
    queue([_email(event.sas.pk, event.email, CONTACT, written, event.at)])


def forget_contact(event: ContactErased) -> None:
    """Their address stays in no message of the registry."""
    Message.objects.filter(sas=event.sas, purpose=CONTACT, recipient=event.email).delete()


def _may_login(user: User) -> bool:
    return user.has_usable_password() or NationalIdentity.objects.filter(user=user).exists()


def write_of_ask(ask: OverbookingAsk, *, at: datetime) -> list[Message]:
    """By e-mail to the doctor's own address, else to the place; and by text message where the place has a mobile: the
    answer is awaited for a few minutes only.
    """
    zone, place, account = ask.place.zone, ask.place, ask.professional.account
    asked = Asked(
        moment=moment(ask.starts_at, zone),
        before=clock(ask.expires_at, zone),
        commune=place.commune.name,
        sas=str(ask.sas),
        url=page_url(reverse("orientation:effecteur_today")),
    )
    written = []
    if address := account.email if account and account.is_active else place.email:
        written.append(_email(ask.sas_id, address, "overbooking_ask", notices.ask_by_email(asked), at))
    if mobile := next((number for number in place.phones if is_mobile(number)), ""):
        body = notices.ask_by_sms(asked)
        written.append(_message(ask.sas_id, "sms", mobile, "overbooking_ask", body=body, at=at))
    return queue(written)


def _email(sas: int, recipient: str, purpose: str, letter: Letter, at: datetime) -> Message:
    subject, body = letter
    return _message(sas, "email", recipient, purpose, subject=subject[:200], body=body, at=at)


def _message(
    sas: int, channel: str, recipient: str, purpose: str, *, body: str, at: datetime, subject: str = ""
) -> Message:
    return Message(
        sas_id=sas, channel=channel, recipient=recipient, purpose=purpose, subject=subject, body=body, created_at=at
    )
