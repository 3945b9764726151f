"""The referring doctor hears that their patient was seen, unless the patient objects (ORI-13).

Behind the outcome, by a job: an outcome is sometimes corrected in the minutes that follow, and nobody waits for a
letter at the instant when it is noted.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from quinze.accounts.actor import Actor
from quinze.base.errors import Conflict
from quinze.base.phones import as_said
from quinze.directory.models import Professional, SecureAddress
from quinze.directory.operations.secure import is_secure
from quinze.orientation import colleague
from quinze.orientation.colleague import Consultation
from quinze.orientation.models import Booking, Message, ReferringNotice, ReferringObjection
from quinze.orientation.operations.journal import tell_booking
from quinze.orientation.operations.locks import lock_booking
from quinze.orientation.operations.messages import queue
from quinze.orientation.queries.bookings import with_receiver
from quinze.orientation.sentences import moment
from quinze.patients.models import Patient
from quinze.patients.queries import display_name, root, same_person_ids

Way, Why = ReferringNotice.Way, ReferringNotice.Why
SETTLED = timedelta(hours=1)  # so long may an outcome be corrected before a letter leaves
LATEST = timedelta(days=7)  # a worker that was down for longer does not write of what is long past
AT_ONCE = 500


def inform_referring_doctors(*, at: datetime) -> int:
    """One row for each consultation that took place, whatever was done. Run twice, it changes nothing."""
    seen = Booking.objects.filter(
        status=Booking.Status.FULFILLED,
        status_at__gt=at - LATEST,
        status_at__lte=at - SETTLED,
        referring_notice__isnull=True,
    )
    return sum(_inform(booking, at) for booking in list(seen.order_by("status_at", "pk")[:AT_ONCE]))


@transaction.atomic
def _inform(booking: Booking, at: datetime) -> int:
    """1 when somebody is told something."""
    locked = lock_booking(booking)
    if locked.status != Booking.Status.FULFILLED or ReferringNotice.objects.filter(booking=locked).exists():
        return 0
    person = root(locked.patient)
    doctor, name = person.referring_doctor, person.referring_doctor_text
    notice = ReferringNotice(
        sas_id=locked.sas_id, booking=locked, patient=person, professional=doctor, name="" if doctor else name, at=at
    )
    notice.way, notice.why = Way.NONE, _why_not(locked, person)
    if not notice.why:
        notice.way, notice.message = _sent(locked, person, doctor, at=at)
    notice.save()
    if text := _told(notice):
        data = {"way": notice.way, "why": notice.why}
        tell_booking(locked, kind="referring_told", text=text, by=None, at=at, data=data)
    return int(notice.way != Way.NONE)


def _why_not(booking: Booking, person: Patient) -> str:
    if not has_referring(person):
        return Why.NOBODY
    if person.referring_doctor_id is not None and person.referring_doctor_id == booking.professional_id:
        return Why.SAME
    return Why.OBJECTED if objects(person) else ""


def _sent(
    booking: Booking, person: Patient, doctor: Professional | None, *, at: datetime
) -> tuple[ReferringNotice.Way, Message | None]:
    """By MSSanté where the doctor has a mailbox and this installation an operator; otherwise a letter waits."""
    known = SecureAddress.objects.filter(professional=doctor).first() if doctor else None
    if known is None or not is_secure(known.address) or not (settings.QUINZE_MSS_HOST or settings.QUINZE_DEMO):
        return Way.PRINT, None
    written = _message(booking, known.address, colleague.notice(consultation(booking, person)), at=at)
    return Way.MSS, queue([written])[0]


def _message(booking: Booking, address: str, letter: colleague.Letter, *, at: datetime) -> Message:
    subject, body = letter
    return Message(
        sas_id=booking.sas_id,
        booking=booking,
        channel="mss",
        recipient=address,
        subject=subject[:200],
        body=body,
        purpose="referring_notice",
        created_at=at,
    )


def consultation(booking: Booking, person: Patient) -> Consultation:
    place = booking.place
    return Consultation(
        patient=display_name(person),
        born=f"né(e) le {person.birth_date:%d/%m/%Y}" if person.birth_date else "",
        moment=moment(booking.starts_at, place.zone),
        seen_by=with_receiver(booking).who,
        commune=place.commune.name,
        phone=as_said(place.phones[0]) if place.phones else "",
        sas=str(booking.sas),
        number=booking.request.case_number,
    )


def _told(notice: ReferringNotice) -> str:
    """The line of the file. Nothing to say when the referring doctor is the one who saw the person."""
    name = str(notice.professional or notice.name)
    match notice.way, notice.why:
        case Way.MSS, _:
            return f"Médecin traitant ({name}) informé de la consultation par MSSanté"
        case Way.PRINT, _:
            return f"Médecin traitant ({name}) à informer par lettre : pas d’adresse MSSanté connue"
        case _, Why.OBJECTED:
            return f"Médecin traitant ({name}) pas informé : le patient s’y est opposé"
        case _, Why.NOBODY:
            return "Consultation sans médecin traitant à informer : personne signalée à suivre"
    return ""


# ---- the letter on paper


def record_posted(*, notice: ReferringNotice, by: Actor, at: datetime) -> ReferringNotice:
    """The letter was printed and put in the post."""
    with transaction.atomic():
        booking = lock_booking(notice.booking)
        locked = ReferringNotice.objects.select_for_update(of=("self",)).select_related("message").get(pk=notice.pk)
        failed = locked.message is not None and locked.message.status == Message.Status.FAILED
        if locked.posted_at is not None or not (locked.way == Way.PRINT or failed):
            raise Conflict("Cette lettre n’est plus à envoyer.", code="not_to_post")
        locked.posted_at, locked.posted_by = at, by.user
        locked.save(update_fields=["posted_at", "posted_by"])
        text = f"Lettre au médecin traitant ({locked.professional or locked.name}) mise au courrier par {by.name}"
        tell_booking(booking, kind="referring_posted", text=text, by=by, at=at)
    return locked


# ---- the person's own choice


def has_referring(person: Patient) -> bool:
    """Known by the directory, or as the person said it."""
    return person.referring_doctor_id is not None or bool(person.referring_doctor_text)


def objects(person: Patient) -> bool:
    """Said of any identity chained to this one."""
    return ReferringObjection.objects.filter(patient__in=same_person_ids(person.pk), ended_at__isnull=True).exists()


def record_objection(*, booking: Booking, wanted: bool, by: Actor | None, at: datetime) -> None:
    """Of the person, from now on, for every consultation; what has left already has left, a letter that waits does not
    leave. `wanted`: to object.
    """
    with transaction.atomic():
        locked = lock_booking(booking)
        person = root(locked.patient)
        Patient.objects.select_for_update(of=("self",)).get(pk=person.pk)
        if objects(person) == wanted:
            return
        user = by.user if by else None
        if wanted:
            ReferringObjection.objects.create(sas_id=locked.sas_id, patient=person, at=at, by=user)
            _keep_letters_back(person)
        else:
            known = ReferringObjection.objects.filter(patient__in=same_person_ids(person.pk), ended_at__isnull=True)
            known.update(ended_at=at, ended_by=user)
        said = "Le patient ne veut pas" if wanted else "Le patient accepte"
        text = f"{said} que son médecin traitant soit informé"
        tell_booking(locked, kind="referring_choice", text=text, by=by, at=at, data={"objects": wanted})


def _keep_letters_back(person: Patient) -> None:
    waiting = Q(way=Way.PRINT) | Q(message__status=Message.Status.FAILED)
    letters = ReferringNotice.objects.filter(waiting, patient__in=same_person_ids(person.pk), posted_at__isnull=True)
    letters.update(way=Way.NONE, why=Why.OBJECTED)


# ---- an outcome corrected afterwards


def rectify(*, booking: Booking, at: datetime) -> None:
    """They were not seen after all: a letter that has not left does not leave; a message is followed by another."""
    notice = ReferringNotice.objects.select_for_update(of=("self",)).filter(booking=booking).first()
    if notice is None or booking.status == Booking.Status.FULFILLED or notice.why:
        return
    if notice.message is not None:
        letter = colleague.rectification(consultation(booking, notice.patient))
        queue([_message(booking, notice.message.recipient, letter, at=at)])
        text = "Médecin traitant prévenu que la consultation n’a pas eu lieu"
    elif notice.posted_at is None:
        text = "Lettre au médecin traitant retirée : la consultation n’a pas eu lieu"
    else:
        text = "Lettre au médecin traitant déjà au courrier : l’appeler, la consultation n’a pas eu lieu"
    if notice.message is None:
        notice.way, notice.why = Way.NONE, Why.CORRECTED
        notice.save(update_fields=["way", "why"])
    tell_booking(booking, kind="referring_told", text=text, by=None, at=at)
