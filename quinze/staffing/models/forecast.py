"""Calls that are expected, as forecast once, and the school calendar that a SAS brought."""

from django.db import models

from quinze.accounts.models import Sas, User
from quinze.base.triggers import append_only


class CallForecast(models.Model):
    """`content`: starts (ISO, with their zone), mean, low and high (80 %) calls of each quarter-hour, all levels."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    first = models.DateField()
    days = models.PositiveSmallIntegerField()
    content = models.JSONField()
    report = models.TextField()  # what was learnt, the error of the past, what it could not see
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sas", "-at"], name="call_forecast_latest")]
        triggers = append_only()


class SchoolCalendar(models.Model):
    """School holidays given by a SAS, for who has no national zone; the last one counts. `periods`: first day, day
    school begins again, name.
    """

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    periods = models.JSONField()
    source = models.CharField(max_length=200)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(source=""), name="school_calendar_has_a_source")]
        indexes = [models.Index(fields=["sas", "-at"], name="school_calendar_latest")]
        triggers = append_only()
