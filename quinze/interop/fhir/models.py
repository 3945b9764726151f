"""Tables of the appointments that go through FHIR."""

from datetime import datetime
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.base.triggers import append_only
from quinze.directory.models import Professional
from quinze.orientation.models import Booking


class EditorAppointment(models.Model):
    """An appointment that a regulator made at an editor's, as that editor declares it (INT_R03). No patient is in it:
    the orientation that it belongs to is found by who made it, with whom and when, or said by an OSNP.
    """

    class State(models.TextChoices):
        TO_MATCH = "to_match", "à rapprocher"
        LINKED = "linked", "rattaché"
        ALONE = "alone", "sans orientation"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    client = models.ForeignKey("interop.FhirClient", on_delete=models.PROTECT, related_name="+")
    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, null=True, related_name="+")  # null: nothing says whose
    system = models.CharField(max_length=200)
    value = models.CharField(max_length=120)
    content = models.JSONField()  # the last word: what we write back
    revision = models.PositiveIntegerField(default=1)
    settled = models.PositiveIntegerField(default=0)  # the last revision that was made a booking of, or left alone
    status = models.CharField(max_length=9)
    starts_at = models.DateTimeField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # the regulator, if known
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.TO_MATCH)
    problem = models.CharField(max_length=300, blank=True)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="+")
    matched_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "value"], name="editor_appointment_once"),
            models.UniqueConstraint(
                fields=["booking"], name="editor_appointment_of_booking", condition=Q(booking__isnull=False)
            ),
            models.CheckConstraint(
                condition=~Q(state="linked") | Q(booking__isnull=False), name="linked_appointment_has_its_booking"
            ),
        ]
        indexes = [
            models.Index(fields=["sas", "state", "starts_at"], name="editor_appointment_list"),
            models.Index(fields=["changed_at"], name="editor_appointment_due", condition=~Q(settled=F("revision"))),
        ]


class EditorAppointmentWord(models.Model):
    """One thing that an editor said of an appointment, in the order it came."""

    appointment = models.ForeignKey(EditorAppointment, on_delete=models.PROTECT, related_name="words", db_index=False)
    revision = models.PositiveIntegerField()
    at = models.DateTimeField()
    client = models.ForeignKey("interop.FhirClient", on_delete=models.PROTECT, related_name="+", db_index=False)
    status = models.CharField(max_length=9)
    content = models.JSONField()

    class Meta:
        triggers = append_only()
        constraints = [models.UniqueConstraint(fields=["appointment", "revision"], name="editor_word_once")]

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.content["start"])


class RefusedDeclaration(models.Model):
    """An appointment that an editor declared and that was refused: what can be told of it without its body, and why.

    The same again is counted. Forgotten after some days.
    """

    client = models.ForeignKey("interop.FhirClient", on_delete=models.PROTECT, related_name="+", db_index=False)
    method = models.CharField(max_length=4)
    status = models.PositiveSmallIntegerField()  # of the answer
    system = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=120, blank=True)
    content = models.JSONField()
    faults = models.JSONField()  # place and words, as they were answered
    fingerprint = models.CharField(max_length=64)
    times = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "fingerprint"], name="refused_declaration_once")]
        indexes = [models.Index(fields=["client", "-last_at"], name="refused_declaration_order")]


class DeclaredBooking(models.Model):
    """An appointment of ours that the national platform must know of (INT_R03): an outbox of one row a booking, where
    a later state takes the place of one that could not leave. A move keeps the row: it is the same appointment there.
    """

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="+")  # the last of its moves
    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.UUIDField(default=uuid4, unique=True, editable=False)  # its identifier there
    revision = models.PositiveIntegerField(default=1)  # what is to be said
    accepted = models.PositiveIntegerField(default=0)  # what the platform accepted last
    accepted_at = models.DateTimeField(null=True)
    tried = models.BooleanField(default=False)  # it may be known there although no answer came
    attempts = models.PositiveIntegerField(default=0)  # of the present revision
    next_try_at = models.DateTimeField(null=True)  # null: nothing to send, or only a person can help
    failing_since = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(accepted__lte=F("revision")), name="accepted_what_was_said"),
            models.CheckConstraint(
                condition=Q(accepted=F("revision"), next_try_at__isnull=True, failing_since__isnull=True)
                | Q(accepted__lt=F("revision")),
                name="accepted_has_nothing_to_send",
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="declared_due", condition=Q(next_try_at__isnull=False)),
            models.Index(
                fields=["sas", "failing_since"], name="declared_failing", condition=~Q(accepted=F("revision"))
            ),
        ]
