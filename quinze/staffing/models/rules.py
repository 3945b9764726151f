"""What a SAS plans with: sorts of shifts, rules of working time from a date on; and what people would like."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.base.triggers import append_only


class ShiftKind(models.Model):
    """A sort of shift that a SAS makes: what a need is covered with. Shifts already planned do not depend on it."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    name = models.CharField(max_length=40)
    starts = ArrayField(models.PositiveSmallIntegerField(), size=24)  # local minutes of the day
    minutes = models.PositiveSmallIntegerField()
    pause = models.PositiveSmallIntegerField(default=0)  # minutes, paid, without holding the post
    cost = models.PositiveSmallIntegerField(default=100)  # of an hour, against 100 for an ordinary one

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sas", "role", "name"], name="shift_kind_once"),
            models.CheckConstraint(condition=Q(minutes__gte=60, minutes__lte=14 * 60), name="shift_kind_length"),
            models.CheckConstraint(condition=Q(pause__lte=F("minutes") / 3), name="shift_kind_pause"),
            models.CheckConstraint(condition=Q(cost__gte=10, cost__lte=1000), name="shift_kind_cost"),
        ]


class RosterRules(models.Model):
    """The rules of working time of a SAS for the weeks that begin from a day on; the last written for a day counts.

    Append-only: which rules a past week was judged by stays known.
    """

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    preset = models.CharField(max_length=20)  # of rules.PRESETS; the figures below are what counts
    daily_rest = models.PositiveSmallIntegerField()  # hours, as the three below
    weekly_rest = models.PositiveSmallIntegerField()
    longest_stretch = models.PositiveSmallIntegerField()
    weekly_hours = models.PositiveSmallIntegerField()
    nights_in_a_row = models.PositiveSmallIntegerField()
    weekends_in_four = models.PositiveSmallIntegerField()
    on_site_percent = models.PositiveSmallIntegerField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    daily_rest__range=(1, 24), weekly_rest__range=(12, 72), longest_stretch__range=(4, 24),
                    weekly_hours__range=(20, 80), nights_in_a_row__range=(1, 7), weekends_in_four__range=(0, 4),
                    on_site_percent__lte=100,
                ),
                name="roster_rules_bounds",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["sas", "-valid_from", "-id"], name="roster_rules_latest")]
        triggers = append_only()


class RosterWish(models.Model):
    """What a person would like or would rather not: a weekday, nights or days, some dates. Heard, never promised."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    weekday = models.PositiveSmallIntegerField(null=True)  # Monday 0; None: any
    night = models.BooleanField(null=True)  # None: day and night
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    weight = models.SmallIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weekday=None) | Q(weekday__lte=6), name="wish_weekday"),
            models.CheckConstraint(condition=Q(weight__range=(-10, 10)) & ~Q(weight=0), name="wish_weight"),
            models.CheckConstraint(
                condition=Q(first=None, last=None) | Q(first__lte=F("last")), name="wish_dates_in_order"
            ),
            models.CheckConstraint(condition=~Q(weekday=None, night=None, first=None), name="wish_of_something"),
        ]
