"""Who receives the requests of a CPTS, and how many: turns as dated data, counted by PostgreSQL (OFF-11, P93)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import User
from quinze.directory.models import Commune, Professional, Structure
from quinze.orientation.models.booking import Booking


class DutyTurn(models.Model):
    """While at least one turn runs for a commune, the CPTS is reached through the doctors on duty and no other."""

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="duty_turns")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="duty_turns")
    during = DateTimeRangeField()
    communes = models.ManyToManyField(Commune, related_name="+")  # none: the whole CPTS
    per_day = models.PositiveSmallIntegerField(null=True)  # patients of a day; none: all of them
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(per_day__isnull=True) | Q(per_day__gte=1), name="duty_quota_is_positive"
            ),
            models.CheckConstraint(condition=Q(during__upper_inf=False), name="duty_turn_has_an_end"),
            ExclusionConstraint(
                name="one_turn_of_a_doctor_at_a_time",
                expressions=[
                    (F("structure"), RangeOperators.EQUAL),
                    (F("professional"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["professional"], name="duty_turn_of_doctor")]


class DutyTally(models.Model):
    """How many patients a turn with a quota received on one day. Written by the trigger of bookings only."""

    turn = models.ForeignKey(DutyTurn, on_delete=models.PROTECT, related_name="tallies")
    day = models.DateField()  # of the SAS, when the seat was given
    per_day = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn", "day"], name="duty_tally_once_a_day"),
            models.CheckConstraint(condition=Q(taken__lte=F("per_day")), name="duty_quota_of_the_day"),
        ]


class DutySeat(models.Model):
    """A booking that counts in a tally: given back when it is cancelled."""

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, primary_key=True, related_name="+")
    turn = models.ForeignKey(DutyTurn, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
