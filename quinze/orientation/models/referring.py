from django.db import models
from django.db.models import Q

from quinze.accounts.models import Sas, User
from quinze.directory.models import Professional
from quinze.orientation.models.booking import Booking, Message
from quinze.patients.models import Patient


class ReferringNotice(models.Model):
    """How the referring doctor heard of one consultation that took place, or why they did not; one row each."""

    class Way(models.TextChoices):
        MSS = "mss", "messagerie sécurisée (MSSanté)"
        PRINT = "print", "lettre"
        NONE = "none", "rien"

    class Why(models.TextChoices):
        OBJECTED = "objected", "le patient s’y est opposé"
        NOBODY = "nobody", "sans médecin traitant"
        SAME = "same", "vu par son médecin traitant"
        CORRECTED = "corrected", "issue corrigée : pas vu"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+", db_index=False)
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="referring_notice")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200, blank=True)  # as said, when the doctor is not in the directory
    way = models.CharField(max_length=5, choices=Way)
    why = models.CharField(max_length=9, choices=Why, blank=True)
    at = models.DateTimeField()
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, related_name="+")
    posted_at = models.DateTimeField(null=True)
    posted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(way="none") & ~Q(why="") | ~Q(way="none") & Q(why=""), name="no_notice_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(way="mss") | Q(message__isnull=False, professional__isnull=False),
                name="secure_notice_has_its_message",
            ),
            models.CheckConstraint(
                condition=Q(posted_at__isnull=True, posted_by__isnull=True)
                | Q(posted_at__isnull=False, posted_by__isnull=False),
                name="posted_notice_has_who_and_when",
            ),
        ]
        indexes = [models.Index(fields=["sas", "at"], name="referring_notice_of_sas")]


class ReferringObjection(models.Model):
    """The person does not want their referring doctor to hear of consultations found by the SAS (CSP, L. 1110-4)."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="referring_objections")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # null: by their own link
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], name="one_objection_at_a_time", condition=Q(ended_at__isnull=True)
            )
        ]
