"""Who acts for a professional, how far and until when, by the consent of both."""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.base.triggers import append_only
from quinze.directory.models.offer import Place, Professional


class Power(models.TextChoices):
    AGENDA = "agenda", "lire l’agenda et les noms"
    RULES = "rules", "ouvertures et absences"
    OUTCOMES = "outcomes", "issue des rendez-vous"


class Delegation(models.Model):
    """Asked by one, accepted by the other. `during` begins with the asking: one open at a time between two people."""

    class AskedBy(models.TextChoices):
        DELEGATE = "delegate", "demande"
        PROFESSIONAL = "professional", "invitation"

    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="delegations")
    delegate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations")
    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    powers = ArrayField(models.CharField(max_length=8, choices=Power))
    places = models.ManyToManyField(Place, related_name="+")  # none: everywhere
    during = DateTimeRangeField()
    asked_by = models.CharField(max_length=12, choices=AskedBy)
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(powers__len__gt=0), name="delegation_has_a_power"),
            models.CheckConstraint(
                condition=~Q(powers__contains=["outcomes"]) | Q(powers__contains=["agenda"]),
                name="delegation_of_outcomes_reads_the_agenda",
            ),
            ExclusionConstraint(
                name="one_delegation_at_a_time",
                expressions=[
                    (F("professional"), RangeOperators.EQUAL),
                    (F("delegate"), RangeOperators.EQUAL),
                    (F("sas"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["delegate", "sas"], name="delegation_of_delegate")]

    @property
    def powers_words(self) -> str:
        return ", ".join(str(power.label) for power in Power if power in self.powers)

    def is_open(self, at: datetime) -> bool:
        return not self.during.isempty and (self.during.upper is None or at < self.during.upper)

    def in_force(self, at: datetime) -> bool:
        return self.accepted_at is not None and self.is_open(at)


class DelegationEvent(models.Model):
    """The life of a delegation, and every act done under it."""

    class Kind(models.TextChoices):
        ASKED = "asked", "Demandée"
        INVITED = "invited", "Proposée"
        ACCEPTED = "accepted", "Acceptée"
        REFUSED = "refused", "Refusée"
        CHANGED = "changed", "Changée"
        ENDED = "ended", "Terminée"
        ACT = "act", "Acte"

    delegation = models.ForeignKey(Delegation, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=300, blank=True)

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["delegation", "-at"], name="delegation_history")]
