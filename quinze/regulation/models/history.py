from django.db import models
from django.db.models import Q

from quinze.accounts.models import User
from quinze.base.triggers import append_only
from quinze.orientation.models import OrientationRequest
from quinze.patients.models import Patient
from quinze.regulation.models.case import CaseFile


class CaseEvent(models.Model):
    """One line of the chronology. `text` is the French sentence shown; `data` what a program may need."""

    case = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=24)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    role = models.CharField(max_length=20, blank=True)
    text = models.TextField()
    data = models.JSONField(default=dict)

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["case", "at", "id"], name="case_event_order")]


class Decision(models.Model):
    """What a regulating doctor decided for a person. Several per patient; none is ever edited."""

    class Nature(models.TextChoices):
        ADVICE = "CONSEIL", "Conseil médical"
        PRESCRIPTION = "PMT", "Ordonnance par téléphone"
        INTERVENTION = "INTER", "Envoi d’un moyen"
        ORIENTATION = "ORIENT", "Orientation"
        NOTHING_MORE = "PASPLUS", "Rien de plus"

    case = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="decisions")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=20)
    nature = models.CharField(max_length=8, choices=Nature)
    details = models.JSONField(default=dict)  # shape by nature: regulation/decisions.py
    care_level = models.CharField(max_length=2, blank=True)
    orientation_request = models.OneToOneField(
        OrientationRequest, on_delete=models.PROTECT, null=True, related_name="decision"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(orientation_request__isnull=True) | Q(nature="ORIENT"),
                name="request_only_from_an_orientation",
            )
        ]
        triggers = append_only()
        indexes = [
            models.Index(fields=["case", "at"], name="decision_order"),
            models.Index(fields=["by", "at"], name="decision_of_doctor"),
        ]


class Letter(models.Model):
    """A prescription or an advice letter, as it was given out."""

    case = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="letters")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=12, choices=[("prescription", "ordonnance"), ("advice", "conseils")])
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        triggers = append_only()
