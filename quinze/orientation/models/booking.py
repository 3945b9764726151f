import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.availability.models import Cover, Modality, Slot
from quinze.availability.receiving import Receiver
from quinze.base.rows import Quick
from quinze.base.triggers import append_only
from quinze.directory.models import Place, Professional, Structure
from quinze.orientation.models.request import OrientationRequest
from quinze.patients.models import Patient

OURS = "quinze"  # the source of the slots that Quinze makes
ACTIVE = ("held", "booked", "confirmed", "fulfilled", "no_show")


class NoShowCause(models.TextChoices):
    """Why nobody was seen (ORI-07). Only the first one says anything of the patient."""

    PATIENT = "patient", "patient absent"
    DOCTOR = "doctor", "médecin absent"
    NOT_NOTIFIED = "untold", "non prévenu"
    LATE = "late", "annulé tard"
    UNKNOWN = "unknown", "cause inconnue"


class Booking(Quick):
    """A seat given to a person. Its status is the last row of BookingStatus, kept here by the same operation."""

    class Kind(models.TextChoices):
        SLOT = "slot", "créneau"
        OVERBOOKING = "overbooking", "surnuméraire"
        CONTACT = "contact", "adressage direct"
        EDITOR = "editor", "chez l’éditeur"

    class Status(models.TextChoices):
        HELD = "held", "retenu"
        EXPIRED = "expired", "retenue expirée"
        RELEASED = "released", "rendu"
        BOOKED = "booked", "pris"
        CONFIRMED = "confirmed", "confirmé au patient"
        CANCELLED = "cancelled", "annulé"
        MOVED = "moved", "déplacé"
        FULFILLED = "fulfilled", "venu"
        NO_SHOW = "no_show", "pas venu"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    request = models.ForeignKey(OrientationRequest, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="bookings")
    kind = models.CharField(max_length=11, choices=Kind, default=Kind.SLOT)
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, null=True, related_name="bookings")
    professional = models.ForeignKey(
        Professional, on_delete=models.PROTECT, null=True, related_name="bookings", db_index=False
    )
    structure = models.ForeignKey(
        Structure, on_delete=models.PROTECT, null=True, related_name="bookings", db_index=False
    )
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    during = DateTimeRangeField()
    starts_at = models.DateTimeField()
    modality = models.CharField(max_length=3, choices=Modality)
    instruction = models.CharField(max_length=500, blank=True)
    consent = models.CharField(max_length=200, blank=True)  # overbooking: who agreed, how
    status = models.CharField(max_length=9, choices=Status, default=Status.HELD)
    status_at = models.DateTimeField()
    hold_expires_at = models.DateTimeField(null=True)
    hold_extended = models.BooleanField(default=False)
    held_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    doctor_notified_at = models.DateTimeField(null=True)  # a no-show counts only if the doctor knew (ORI-05)
    reminder_due_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    no_show_cause = models.CharField(max_length=7, choices=NoShowCause, default="", db_default="", blank=True)
    moved_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="moved_from", db_index=False)
    seat_counted = models.BooleanField(default=False)  # kept by the trigger: this row counts in slot.taken

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="slot", slot__isnull=False) | (~Q(kind="slot") & Q(slot__isnull=True)),
                name="booking_of_a_slot_has_one",
            ),
            models.CheckConstraint(
                condition=~Q(kind="overbooking") | (~Q(consent="") & Q(professional__isnull=False)),
                name="overbooking_has_consent",
            ),
            models.CheckConstraint(
                condition=~Q(status="held") | Q(hold_expires_at__isnull=False), name="hold_always_expires"
            ),
            models.CheckConstraint(condition=Q(no_show_cause="") | Q(status="no_show"), name="cause_of_a_no_show"),
            models.UniqueConstraint(
                fields=["request"],
                name="one_live_booking_of_a_request",
                condition=Q(status__in=["held", "booked", "confirmed"]),
            ),
            ExclusionConstraint(
                name="one_doctor_one_place",
                expressions=[
                    (F("professional"), RangeOperators.EQUAL),
                    (F("place"), RangeOperators.NOT_EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
                condition=Q(professional__isnull=False, status__in=ACTIVE),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="booking_never_deleted", operation=pgtrigger.Delete),
            # The seat is counted by PostgreSQL itself, whoever writes the row: the slot's row lock puts racing
            # clients in a queue and its CHECK refuses the one too many.
            pgtrigger.Trigger(
                name="booking_counts_its_seat",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    NEW.seat_counted := TG_OP = 'UPDATE' AND OLD.seat_counted;  -- never what a client wrote
                    IF NEW.slot_id IS NOT NULL THEN
                        IF NEW.status IN ('held', 'booked', 'confirmed', 'fulfilled', 'no_show') THEN
                            IF NOT NEW.seat_counted THEN
                                UPDATE availability_slot SET taken = taken + 1
                                    WHERE id = NEW.slot_id AND status = 'open';
                                IF NOT FOUND THEN
                                    RAISE EXCEPTION USING ERRCODE = 'check_violation',
                                        MESSAGE = 'slot withdrawn', CONSTRAINT = 'slot_is_open';
                                END IF;
                                NEW.seat_counted := true;
                            END IF;
                        ELSIF NEW.seat_counted THEN
                            UPDATE availability_slot SET taken = taken - 1 WHERE id = NEW.slot_id;
                            NEW.seat_counted := false;
                        END IF;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
        # A foreign key whose column begins one of these has no index of its own: each booking would write it in vain.
        # Nobody looks for bookings by their place alone.
        indexes = [
            models.Index(fields=["professional", "starts_at"], name="booking_of_professional"),
            models.Index(fields=["structure"], name="booking_of_structure", condition=Q(structure__isnull=False)),
            models.Index(
                fields=["sas", "starts_at"], name="booking_follow_up", condition=Q(status__in=["booked", "confirmed"])
            ),
            models.Index(fields=["hold_expires_at"], name="booking_holds", condition=Q(status="held")),
            models.Index(fields=["moved_to"], name="booking_moved_from", condition=Q(moved_to__isnull=False)),
            models.Index(fields=["request"], name="booking_of_request"),
            models.Index(
                fields=["reminder_due_at"],
                name="booking_reminders_due",
                condition=Q(status__in=["booked", "confirmed"], reminder_due_at__isnull=False),
            ),
            models.Index(fields=["status_at"], name="booking_seen", condition=Q(status="fulfilled")),
            models.Index(  # who was asked over 28 days, read by each ranking
                fields=["sas", "starts_at"],
                name="booking_solicitations",
                include=["professional", "structure", "request", "status", "hold_expires_at"],
            ),
        ]

    @property
    def is_elsewhere(self) -> bool:
        """In an agenda that is not Quinze's: changes are made there, and said by it."""
        return self.kind == self.Kind.EDITOR or (self.slot is not None and self.slot.source != OURS)

    received_by: str | None = None  # as `receiver_told` wrote it, where the row was read to be shown

    @property
    def receiver(self) -> Receiver | None:
        """Somebody else than the doctor, at that hour."""
        return Receiver.read(self.received_by)

    @property
    def in_place(self) -> tuple[Receiver, str] | None:
        """Somebody who is not the doctor of that hour (named for some hours) or of that place (a validated replacement,
        whose own hours these are), and that doctor.
        """
        if self.receiver:
            return self.receiver, str(self.professional)
        if self.professional and self.place.replaces:
            return Receiver(Cover.Quality.REPLACEMENT, str(self.professional)), str(self.place.replaces)
        return None

    @property
    def who(self) -> str:
        """Whom the patient will see."""
        if self.in_place:
            receiver, doctor = self.in_place
            return receiver.in_place_of(doctor)
        return str(self.professional or self.structure or self.place.name)


class BookingStatus(models.Model):
    """One status of a booking: when, by whom, why. Appended, never changed."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="statuses", db_index=False)
    status = models.CharField(max_length=9, choices=Booking.Status)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_kind = models.CharField(
        max_length=9,
        choices=[
            ("staff", "équipe du SAS"),
            ("doctor", "médecin"),
            ("patient", "patient"),
            ("editor", "logiciel du médecin"),
            ("system", "système"),
        ],
    )
    reason = models.CharField(max_length=300, blank=True)
    cause = models.CharField(max_length=7, choices=NoShowCause, default="", db_default="", blank=True)

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["booking", "at"], name="booking_status_order")]


class Message(models.Model):
    """A message to a patient or a doctor, written with the booking that causes it and sent by a job (outbox)."""

    class Status(models.TextChoices):
        QUEUED = "queued", "à envoyer"
        SENT = "sent", "envoyé"
        FAILED = "failed", "non remis"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="messages")
    channel = models.CharField(max_length=5, choices=[("sms", "SMS"), ("email", "e-mail"), ("mss", "MSSanté")])
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    purpose = models.CharField(max_length=20)  # confirmation, reminder, cancellation, doctor_notice…
    status = models.CharField(max_length=6, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="message_queued", condition=Q(status="queued"))]
