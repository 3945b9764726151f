from django.db import models
from django.db.models import Q

from quinze.accounts.models import Sas, User
from quinze.base.triggers import append_only
from quinze.orientation.models.booking import Booking


class Reminder(models.Model):
    """What was done at the hour of a reminder, whatever it was: a job run twice finds the row and does nothing."""

    class Kind(models.TextChoices):
        DAY_BEFORE = "d1", "la veille"
        HOURS_BEFORE = "h2", "deux heures avant"

    class Way(models.TextChoices):
        EMAIL = "email", "e-mail"
        SMS = "sms", "SMS"
        CALL = "call", "à appeler"
        NONE = "none", "rien"

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=2, choices=Kind)
    way = models.CharField(max_length=5, choices=Way)
    why = models.CharField(max_length=80, blank=True)  # nothing was sent: the reason
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # who called

    class Meta:
        constraints = [models.UniqueConstraint(fields=["booking", "kind"], name="one_reminder_of_a_kind")]
        triggers = append_only()


class OptOut(models.Model):
    """An address or a number that wants no more reminders. What a doctor changes is still said to it."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="opt_outs")
    recipient = models.CharField(max_length=254)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sas", "recipient"], name="one_opt_out_at_a_time", condition=Q(ended_at__isnull=True)
            )
        ]
