from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.base.rows import Quick
from quinze.directory.models import Commune
from quinze.patients.models import Patient


class Step(models.TextChoices):
    """Where the request stands: whose turn it is. One column, so that a worklist is one index."""

    ARM = "arm", "Chez l’ARM"
    AMU = "amu", "Attend le médecin AMU"
    SNP = "snp", "Attend le médecin SNP"
    OSNP = "osnp", "Chez l’OSNP"
    FOLLOW_UP = "follow_up", "Rendez-vous pris, issue attendue"
    CLOSED = "closed", "Clos"
    MERGED = "merged", "Fusionné"


class CaseSequence(models.Model):
    """The daily order of the national file number, taken under a row lock: no gap under load, no number twice."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sas", "day"], name="case_sequence_once")]


class CaseFile(Quick):
    """Dossier de régulation. Sections (`caller`, `place`, `patient`, `reason`, `medical`) carry each their version."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="case_files", db_index=False)
    number = models.CharField(max_length=24, unique=True)  # DRFR15DDXAAJJJ00000
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="case_files", db_index=False)

    # Where it stands
    step = models.CharField(max_length=9, choices=Step, default=Step.ARM)
    stream = models.CharField(max_length=8, blank=True)  # HubSante.filiere; empty until the ARM says
    priority = models.CharField(max_length=2, default="P2")  # HubSante.priorite
    care_level = models.CharField(max_length=2, blank=True)  # HubSante.niveauSoin
    state = models.CharField(max_length=8, default="ACTIF")  # HubSante.etat
    attribution = models.CharField(max_length=24, default="DR.DREG")  # HubSante.attribution
    waiting_since = models.DateTimeField()
    snp_deadline = models.DateTimeField(null=True)  # 48 h from the call
    callback_due_at = models.DateTimeField(null=True)
    callback_reason = models.CharField(max_length=200, blank=True)
    hung_up_at = models.DateTimeField(null=True)
    red_flag_at = models.DateTimeField(null=True)
    red_flag_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    claimed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    claimed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged", db_index=False)

    # caller
    caller_type = models.CharField(max_length=20, blank=True)  # HubSante.typeAppelant
    caller_name = models.CharField(max_length=120, blank=True)
    caller_number = models.CharField(max_length=20, blank=True)  # E.164, as presented by the network
    callback_phone = models.CharField(max_length=20, blank=True)  # E.164
    caller_version = models.PositiveIntegerField(default=1)

    # place
    address = models.CharField(max_length=200, blank=True)  # free text kept
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    commune_text = models.CharField(max_length=120, blank=True)  # as typed, when it is no known commune
    access = models.CharField(max_length=300, blank=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    transport = models.CharField(max_length=80, blank=True)  # how the person can move
    place_version = models.PositiveIntegerField(default=1)

    # patient (the folder `patients` holds the identity; its version in this file is here)
    patient_version = models.PositiveIntegerField(default=1)

    # reason
    reason_system = models.CharField(max_length=40, blank=True)
    reason_list_version = models.CharField(max_length=12, blank=True)
    reason_code = models.CharField(max_length=20, blank=True)
    reason_label = models.CharField(max_length=160, blank=True)  # of the code, or the free text kept
    circumstance_system = models.CharField(max_length=40, blank=True)
    circumstance_list_version = models.CharField(max_length=12, blank=True)
    circumstance_code = models.CharField(max_length=20, blank=True)
    circumstance_label = models.CharField(max_length=160, blank=True)
    summary = models.TextField(blank=True)  # told to the next actor, in the caller's words
    vitals = models.JSONField(default=dict)  # question code → yes/no, of a dated local protocol
    vulnerabilities = ArrayField(models.CharField(max_length=20), default=list)
    reason_version = models.PositiveIntegerField(default=1)

    # medical
    weight = models.CharField(max_length=40, blank=True)
    treatments = models.CharField(max_length=300, blank=True)
    allergies = models.CharField(max_length=300, blank=True)
    assessment = models.TextField(blank=True)
    medical_version = models.PositiveIntegerField(default=1)

    # No columns: what the lists showed when the file was read, so that those it leaves hear of it too.
    step_was: str = ""
    had_callback: bool = False

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=True, claimed_at__isnull=True)
                | Q(claimed_by__isnull=False, claimed_at__isnull=False),
                name="claim_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(step="merged") | Q(merged_into__isnull=False), name="merged_case_says_into_which"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=~Q(step__in=["amu", "snp"]) | ~Q(stream=""), name="sent_to_a_doctor_has_a_stream"
            ),
            models.CheckConstraint(
                condition=~Q(step="closed") | Q(closed_at__isnull=False), name="closed_case_says_when"
            ),
        ]
        indexes = [
            models.Index(
                fields=["sas", "step", "priority", "waiting_since"],
                name="case_worklist",
                condition=~Q(step__in=["closed", "merged"]),
            ),
            # Null in nearly every file: each change of step would write them in vain.
            models.Index(fields=["claimed_by"], name="case_held", condition=Q(claimed_by__isnull=False)),
            models.Index(fields=["merged_into"], name="case_joined", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["sas", "callback_phone", "opened_at"], name="case_by_callback"),
            models.Index(fields=["sas", "caller_number", "opened_at"], name="case_by_caller"),
            models.Index(fields=["patient", "opened_at"], name="case_by_patient"),
            models.Index(fields=["sas", "commune", "opened_at"], name="case_by_commune"),
            models.Index(fields=["sas", "opened_at"], name="case_by_day"),
        ]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def from_db(cls, *read: Any, **options: Any) -> "CaseFile":
        case = super().from_db(*read, **options)
        case.step_was = case.__dict__.get("step", "")
        case.had_callback = case.__dict__.get("callback_due_at") is not None
        return case


class CallContact(models.Model):
    """One telephone contact of a file: the first call, a call back, a caller who rang again or hung up."""

    class Direction(models.TextChoices):
        IN = "in", "appel reçu"
        OUT = "out", "rappel"

    case = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="contacts")
    direction = models.CharField(max_length=3, choices=Direction)
    number = models.CharField(max_length=20, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(
        max_length=10,
        blank=True,
        choices=[
            ("answered", "joint"),
            ("no_answer", "sans réponse"),
            ("hung_up", "raccroché"),
            ("voicemail", "répondeur"),
        ],
    )


class Draft(models.Model):
    """What someone is typing in one section, kept within two seconds, until they save or give up."""

    case = models.ForeignKey(CaseFile, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    section = models.CharField(max_length=10)
    values = models.JSONField()
    base_version = models.PositiveIntegerField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user", "section"], name="draft_once")]


class Presence(models.Model):
    """Who has the file open now. A row older than a minute is somebody who left."""

    case = models.ForeignKey(CaseFile, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=20)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="presence_once")]
