"""The outbox: messages are written with the booking that causes them, and leave by a job."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import phonenumbers
from django.db import transaction
from phonenumbers import PhoneNumberType

from quinze.availability.receiving import Receiver
from quinze.base import live
from quinze.base.notify import notify
from quinze.base.phones import as_said
from quinze.base.rows import fresh
from quinze.orientation import letters
from quinze.orientation.letters import Appointment
from quinze.orientation.links import cancel_url, stop_url
from quinze.orientation.models import Booking, Message, OrientationRequest
from quinze.orientation.queries.bookings import with_receiver
from quinze.orientation.reminding import Reach, confirmed_by

Send = Callable[[Message], str]
SEND_TASK = "quinze.interop.tasks.send_messages"
WRITTEN = "quinze_messages"  # the channel on which the worker hears that the outbox has something
AT_ONCE = 500
MOST_ATTEMPTS = 5
AS_IT_LEAVES = ("confirmation", "reminder", "cancellation")  # what the patient reads of the hour itself
Status = Message.Status


class Undeliverable(Exception):  # noqa: N818  (said by a channel: trying again will not help)
    pass


def appointment(
    booking: Booking, *, language: str = letters.FRENCH, in_place: tuple[Receiver, str] | None = None
) -> Appointment:
    """`in_place`: that of the booking, where it was looked for."""
    place, who = booking.place, booking.professional or booking.structure or booking.place.name
    return Appointment(
        who=letters.who(language, *in_place) if in_place else str(who),
        who_in_short=letters.who_in_short(language, in_place[0]) if in_place else "",
        moment=letters.moment_in(language, booking.starts_at, place.zone),
        address=place.address,
        commune=place.commune.name,
        phone=as_said(place.phones[0]) if place.phones else "",
        modality=booking.modality,
        instruction=booking.instruction,
        sas=str(booking.sas),
        cancel_url=cancel_url(booking.pk),
        reference=f"{booking.request.case_number}-{booking.pk}",
        language=language,
        stop_url=stop_url(booking.pk),
    )


def language_of(request: OrientationRequest) -> str:
    """The patient's, when there are texts in it."""
    return request.language if request.language in letters.languages() else letters.FRENCH


def reach_of(request: OrientationRequest, *, stopped: frozenset[str] = frozenset()) -> Reach:
    return Reach(is_mobile(request.callback_phone), bool(request.email), request.reminder_channel, stopped)


def queue_reminder(booking: Booking, *, channel: str, at: datetime) -> list[Message]:
    return queue(_to_patient(booking, "reminder", (channel,), at=at))


def queue_cancellation(booking: Booking, *, at: datetime) -> None:
    queue(_to_patient(booking, "cancellation", _channels(booking, at), at=at))


def queue_lateness(booking: Booking, *, minutes: int, at: datetime) -> list[Message]:
    channels, in_place = _channels(booking, at), with_receiver(booking).in_place
    return queue(_to_patient(booking, "late", channels, at=at, late=str(minutes), in_place=in_place))


def queue_doctor_cancellation(booking: Booking, *, at: datetime) -> None:
    queue(_to_doctor(booking, "doctor_cancel", letters.doctor_cancellation(appointment(booking)), at=at))


def queue(messages: list[Message]) -> list[Message]:
    """Into the outbox; the worker hears of it once they are committed."""
    for message in messages:
        message.save()
    if messages:
        wake()
    return messages


def wake() -> None:
    notify(WRITTEN)


def confirmation(booking: Booking, *, channels: tuple[str, ...], at: datetime) -> list[Message]:
    """Written, not yet in the outbox."""
    chosen = tuple(name for name in _channels(booking, at) if name in channels)
    return _to_patient(booking, "confirmation", chosen, at=at)


def _channels(booking: Booking, at: datetime) -> tuple[str, ...]:
    """What changes an appointment is always said: by every channel when it is near, by the cheapest when it is far."""
    return confirmed_by(reach_of(booking.request), ahead=booking.starts_at - at)


def doctor_notice(booking: Booking, *, at: datetime) -> list[Message]:
    """Written, not yet in the outbox."""
    if not booking.place.email:
        return []
    return _to_doctor(booking, "doctor_notice", letters.doctor_notice(appointment(booking)), at=at)


def _to_patient(
    booking: Booking,
    purpose: str,
    channels: tuple[str, ...],
    *,
    at: datetime,
    late: str = "",
    in_place: tuple[Receiver, str] | None = None,
) -> list[Message]:
    """In the patient's language."""
    request = booking.request
    rdv = appointment(booking, language=language_of(request), in_place=in_place)
    if late:
        rdv = replace(rdv, late=late)
    recipients = {"sms": request.callback_phone, "email": request.email}
    return [
        _message(booking, channel, recipient, purpose, **_words(rdv, channel, purpose), at=at)
        for channel, recipient in recipients.items()
        if channel in channels
    ]


def _words(rdv: Appointment, channel: str, purpose: str) -> dict[str, str]:
    if channel == "sms":
        return {"body": letters.sms(rdv, purpose)}
    subject, body = letters.email(rdv, purpose)
    return {"subject": subject, "body": body}


def _to_doctor(booking: Booking, purpose: str, words: tuple[str, str], *, at: datetime) -> list[Message]:
    subject, body = words
    if not booking.place.email:
        return []
    return [_message(booking, "email", booking.place.email, purpose, subject=subject, body=body, at=at)]


def is_mobile(number: str) -> bool:
    """The fiction range 06 39 98 has no operator: it is told by its beginning."""
    if number.startswith(("+336", "+337")):
        return True
    try:
        return phonenumbers.number_type(phonenumbers.parse(number)) == PhoneNumberType.MOBILE
    except phonenumbers.NumberParseException:
        return False


def _message(
    booking: Booking, channel: str, recipient: str, purpose: str, *, body: str, at: datetime, subject: str = ""
) -> Message:
    return fresh(
        Message,
        sas_id=booking.sas_id,
        booking_id=booking.pk,
        channel=channel,
        recipient=recipient,
        subject=subject,
        body=body,
        purpose=purpose,
        created_at=at,
    )


def send_again(*, message: Message, at: datetime) -> Message:
    """Asked by a person, after correcting what failed."""
    with transaction.atomic():
        locked = Message.objects.select_for_update().get(pk=message.pk)
        if locked.status == Status.FAILED:
            locked.status, locked.attempts, locked.error, locked.created_at = Status.QUEUED, 0, "", at
            locked.save(update_fields=["status", "attempts", "error", "created_at"])
            wake()
    return locked


def due_messages(*, at: datetime) -> list[int]:
    """Queued and not yet tried, or tried long enough ago: 1, 2, 4, 8 minutes after being written."""
    queued = Message.objects.filter(status=Status.QUEUED).order_by("created_at", "pk")
    rows = queued.values_list("pk", "attempts", "created_at")[:AT_ONCE]
    return [pk for pk, attempts, written in rows if at >= written + timedelta(minutes=2**attempts - 1)]


def deliver(*, message_id: int, send: Send, at: datetime) -> Message | None:
    """Sends one message through the channel given. Two workers never send the same one at once; a channel that
    receives it twice after a crash knows it by its number."""
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("booking__request", "booking__professional", "booking__place__replaces", "sas")
            .filter(pk=message_id, status=Status.QUEUED)
            .first()
        )
        if message is None:
            return None
        message.attempts += 1
        rewritten = _say_who_receives(message)
        try:
            message.error = send(message)[:300]
            message.status, message.sent_at = Status.SENT, at
        except Undeliverable as error:
            message.status, message.error = Status.FAILED, str(error)[:300]
        except OSError as error:  # network, SMTP and HTTP failures alike
            message.error = str(error)[:300]
            if message.attempts >= MOST_ATTEMPTS:
                message.status = Status.FAILED
        words = rewritten if message.status == Status.SENT else ()  # as it left; else written again next time
        message.save(update_fields=["attempts", "status", "error", "sent_at", *words])
        _after(message, at=at)
    return message


def _say_who_receives(message: Message) -> tuple[str, ...]:
    """A confirmation is written by a statement that reads nothing more than it must, and a reminder may wait: whoever
    receives in the doctor's place is named when the message leaves. The names of the columns that changed.
    """
    booking = message.booking
    if booking is None or message.purpose not in AS_IT_LEAVES or not (in_place := with_receiver(booking).in_place):
        return ()
    rdv = appointment(booking, language=language_of(booking.request), in_place=in_place)
    words = _words(rdv, message.channel, message.purpose)
    for name, text in words.items():
        setattr(message, name, text)
    return tuple(words)


def _after(message: Message, *, at: datetime) -> None:
    booking = message.booking
    if message.status == Status.SENT and message.purpose == "doctor_notice" and booking:
        Booking.objects.filter(pk=booking.pk, doctor_notified_at__isnull=True).update(doctor_notified_at=at)
    if message.status != Status.QUEUED:
        topics = ["messages"] + ([f"request:{booking.request_id}"] if booking else [])
        live.publish(sas_id=message.sas_id, topics=topics, subject=f"message:{message.pk}", at=at)
