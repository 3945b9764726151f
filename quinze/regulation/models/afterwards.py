from django.db import models

from quinze.accounts.models import User
from quinze.base.triggers import append_only
from quinze.regulation.models.case import CaseFile


class FollowUpAnswer(models.Model):
    """Whom somebody who was given advice saw within 72 hours, as they answered afterwards (ORI-10)."""

    class Saw(models.TextChoices):
        REFERRING = "referring", "son médecin traitant"
        DOCTOR = "doctor", "un autre médecin"
        CENTRE = "centre", "SOS, maison médicale, centre"
        OTHER = "other", "un autre soignant"
        EMERGENCY = "emergency", "les urgences"
        NOBODY = "nobody", "personne"
        UNREACHED = "unreached", "injoignable"
        DECLINED = "declined", "ne répond pas à la question"

    case = models.OneToOneField(CaseFile, on_delete=models.PROTECT, related_name="follow_up_answer")
    saw = models.CharField(max_length=9, choices=Saw)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only()
