"""Who runs a structure, and how somebody becomes a member of it: asked by one side, accepted by the other."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import User
from quinze.directory.models.offer import Professional, Structure


class StructureManager(models.Model):
    """Named, and removed, by an accounts manager."""

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="managers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="structures_managed")
    during = DateTimeRangeField()
    named_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="manager_of_a_structure_once_at_a_time",
                expressions=[
                    (F("structure"), RangeOperators.EQUAL),
                    (F("user"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            )
        ]


class EmergencyNurse(models.Model):
    """An IOA works at an emergency department: what they register and read is of that department. Named by an accounts
    manager.
    """

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="nurses")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emergency_departments")
    during = DateTimeRangeField()
    named_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="nurse_of_a_department_once_at_a_time",
                expressions=[
                    (F("structure"), RangeOperators.EQUAL),
                    (F("user"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            )
        ]


class MembershipRequest(models.Model):
    """Kept once answered: who asked, who answered, when. Accepted, it made a membership."""

    class Side(models.TextChoices):
        PROFESSIONAL = "professional", "le professionnel"
        STRUCTURE = "structure", "la structure"

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="membership_requests")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="membership_requests")
    side = models.CharField(max_length=12, choices=Side)  # who asked
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    accepted = models.BooleanField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["structure", "professional"],
                name="one_membership_request_at_a_time",
                condition=Q(answered_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(accepted__isnull=True, answered_at__isnull=True, answered_by__isnull=True)
                | Q(accepted__isnull=False, answered_at__isnull=False, answered_by__isnull=False),
                name="membership_answer_is_signed",
            ),
        ]
