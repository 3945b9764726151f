from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.base.rows import Quick
from quinze.base.triggers import append_only
from quinze.directory.models import Commune, Professional, Structure
from quinze.orientation.models.charter import CharterVersion
from quinze.orientation.models.packed import PackedJSONField
from quinze.patients.models import Patient


class OrientationRequest(Quick):
    """What a doctor asks an OSNP: this person, seen by that profession, before that instant. No symptom here."""

    class Status(models.TextChoices):
        WAITING = "waiting", "en attente"
        TAKEN = "taken", "en cours"
        BOOKED = "booked", "rendez-vous pris"
        CLOSED = "closed", "close"
        RETURNED = "returned", "rendue au médecin"
        WITHDRAWN = "withdrawn", "retirée"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="orientation_requests", db_index=False)
    case_number = models.CharField(max_length=24)  # of the case file it comes from, or its own from emergencies
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="orientation_requests")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    requested_by_role = models.CharField(max_length=20)
    requested_at = models.DateTimeField()
    priority = models.CharField(max_length=2)  # set by people, for the order of the list
    profession = models.CharField(max_length=4, default="10")  # TRE_G15
    specialty = models.CharField(max_length=8, blank=True, default="SM54")  # TRE_R38
    modalities = ArrayField(models.CharField(max_length=3))
    deadline = models.DateTimeField()  # "vu avant", set by the doctor
    limit_at = models.DateTimeField()  # 48 h of the SNP, from the first contact
    instruction = models.CharField(max_length=500, blank=True)
    care = models.CharField(max_length=200, blank=True, default="", db_default="")  # prescribed by requested_by
    callback_phone = models.CharField(max_length=20, blank=True)
    contact_name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    reminder_channel = models.CharField(
        max_length=5,
        choices=[("", "au mieux"), ("email", "e-mail"), ("sms", "SMS"), ("call", "appel"), ("none", "aucun rappel")],
        default="",
        db_default="",
        blank=True,
    )
    address = models.CharField(max_length=200, blank=True)
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    language = models.CharField(max_length=3, blank=True)
    needs_wheelchair = models.BooleanField(default=False)
    mobility = models.CharField(max_length=40, blank=True)
    vulnerabilities = ArrayField(models.CharField(max_length=20), default=list)
    # The department that sends this person to town, and its doctor who decided so; nothing of a regulated call.
    emergency = models.ForeignKey(
        Structure, on_delete=models.PROTECT, null=True, related_name="reorientations", db_index=False
    )
    decided_by = models.CharField(max_length=120, blank=True, default="", db_default="")
    status = models.CharField(max_length=9, choices=Status, default=Status.WAITING)
    waiting_since = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    taken_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(modalities__len__gt=0), name="request_has_a_modality"),
            models.CheckConstraint(condition=Q(deadline__gt=F("requested_at")), name="request_deadline_after_request"),
            models.CheckConstraint(
                condition=~Q(status="taken") | Q(taken_by__isnull=False), name="taken_request_has_a_taker"
            ),
            models.CheckConstraint(
                condition=Q(emergency__isnull=True, decided_by="") | (Q(emergency__isnull=False) & ~Q(decided_by="")),
                name="reorientation_says_who_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["sas", "status", "priority", "waiting_since"], name="request_worklist"),
            models.Index(fields=["case_number"], name="request_of_case"),
            models.Index(
                fields=["emergency", "requested_at"],
                name="request_of_emergency",
                condition=Q(emergency__isnull=False),
            ),
        ]


class RequestEvent(models.Model):
    """What happened to a request, appended: taken, released, widened, returned, closed, red flag."""

    request = models.ForeignKey(OrientationRequest, on_delete=models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    text = models.CharField(max_length=500, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        triggers = append_only()
        indexes = [
            models.Index(fields=["request", "at"], name="request_event_order"),
            models.Index(fields=["at"], name="overbooking_calls", condition=Q(kind="overbooking_call")),
        ]


class ReferringAttempt(models.Model):
    """The referring doctor was tried first, and this is what came of it (REG-07)."""

    class Result(models.TextChoices):
        ACCEPTS = "accepts", "accepte"
        FULL = "full", "complet"
        NO_ANSWER = "no_answer", "ne répond pas"
        AWAY = "away", "absence déclarée"
        UNKNOWN = "unknown", "pas de médecin traitant"

    request = models.ForeignKey(OrientationRequest, on_delete=models.PROTECT, related_name="attempts")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.CharField(max_length=10, choices=Result)
    automatic = models.BooleanField(default=False)  # read from a declared absence, nobody called
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        triggers = append_only()


class RankingLog(Quick):
    """One ranking shown to an OSNP: all that the function read, and what it answered. Replayable for ever."""

    request = models.ForeignKey(OrientationRequest, on_delete=models.PROTECT, related_name="rankings", db_index=False)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    algorithm = models.PositiveSmallIntegerField()
    charter = models.ForeignKey(CharterVersion, on_delete=models.PROTECT, related_name="+")
    seed = models.CharField(max_length=64)
    inputs = PackedJSONField()
    output = PackedJSONField()
    proposals = models.TextField(blank=True, default="")  # orientation/proposed.py; empty in the first logs

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["request", "at"], name="ranking_log_order")]


class RankingChoice(models.Model):
    """What the OSNP chose in a ranking; the reason is required when it is not the first open proposal."""

    ranking = models.ForeignKey(RankingLog, on_delete=models.PROTECT, related_name="choices")
    candidate = models.CharField(max_length=80)
    rank = models.PositiveSmallIntegerField(null=True)
    first = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(first=True) | ~Q(reason=""), name="another_choice_has_its_reason")
        ]
        triggers = append_only()
