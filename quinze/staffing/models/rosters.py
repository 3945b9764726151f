"""Who is expected where: shifts of a SAS, people on them, weeks published, what was changed since, and by whom."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.base.triggers import append_only

MOST_NEEDED = 50
HOURS_OF_SHIFT = "SELECT during INTO STRICT NEW.during FROM staffing_rostershift WHERE id = NEW.shift_id; RETURN NEW;"


class RosterShift(models.Model):
    """So many people hold a role over a period. Its role and hours never change: another shift is another row."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    during = DateTimeRangeField()
    needed = models.PositiveSmallIntegerField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sas", "role", "during"], name="roster_shift_once"),
            models.CheckConstraint(
                condition=Q(needed__gte=1) & Q(needed__lte=MOST_NEEDED), name="roster_shift_needs_somebody"
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="roster_shift_has_hours",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="hours_never_change",
                operation=pgtrigger.UpdateOf("sas_id", "role", "during"),
            )
        ]


class RosterAssignment(models.Model):
    """A person on a shift. `during` is copied from it by a trigger: PostgreSQL then sees two posts at once."""

    shift = models.ForeignKey(RosterShift, on_delete=models.PROTECT, related_name="assignments")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    during = DateTimeRangeField()
    on_site = models.BooleanField(default=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_roster_post_at_a_time",
                expressions=[(F("user"), RangeOperators.EQUAL), (F("during"), RangeOperators.OVERLAPS)],
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="hours_of_its_shift",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=HOURS_OF_SHIFT,
            )
        ]


class RosterPublication(models.Model):
    """A week as it was when it was published; a new version each time. `content`: shifts, with who is on them."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    monday = models.DateField()
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sas", "monday", "number"], name="roster_version_once"),
        ]
        triggers = append_only()


class RosterEvent(models.Model):
    """What was done to the roster, or beside it. The shift is told in words, since it may be removed."""

    class Kind(models.TextChoices):
        PLANNED = "planned", "Garde prévue"
        REMOVED = "removed", "Garde retirée"
        ASSIGNED = "assigned", "Affectation"
        UNASSIGNED = "unassigned", "Affectation retirée"
        FILLED = "filled", "Semaine complétée"
        PUBLISHED = "published", "Publication"
        SWAPPED = "swapped", "Échange"
        PASSED = "passed", "Poste ouvert hors planning"
        UNPLANNED = "unplanned", "Poste pris hors planning"
        RULES = "rules", "Règles du planning"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # whom it is about
    said = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sas", "-at"], name="roster_event_latest")]
        triggers = append_only()


class RosterSwap(models.Model):
    """`giver` asks `taker` to take their place on a shift, for one of theirs or for nothing."""

    class State(models.TextChoices):
        ASKED = "asked", "Demandé"
        ACCEPTED = "accepted", "Accepté"
        REFUSED = "refused", "Refusé"
        WITHDRAWN = "withdrawn", "Retiré"

    given = models.ForeignKey(RosterShift, on_delete=models.CASCADE, related_name="+")
    returned = models.ForeignKey(RosterShift, on_delete=models.CASCADE, null=True, related_name="+")
    giver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["given", "giver"], condition=Q(state="asked"), name="one_open_swap_of_a_shift"
            ),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="swap_with_somebody_else"),
            models.CheckConstraint(
                condition=Q(state="asked", answered_at=None) | (~Q(state="asked") & Q(answered_at__isnull=False)),
                name="swap_answer_is_dated",
            ),
        ]


class DutyPass(models.Model):
    """Somebody may take a role without being on the roster, for some hours: who let them, and why."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    during = DateTimeRangeField()
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="pass_has_a_reason")]
        triggers = append_only()


class RosterAbsence(models.Model):
    """Days on which a person cannot be put on a shift, in any SAS; why is nobody's business here."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    during = DateTimeRangeField()
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_roster_absence_at_a_time",
                expressions=[(F("user"), RangeOperators.EQUAL), (F("during"), RangeOperators.OVERLAPS)],
            ),
        ]


class StaffMember(models.Model):
    """What the rules of rosters must know of a person in a SAS; without a row, the law alone."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    weekly_hours = models.PositiveSmallIntegerField(null=True)
    nights = models.BooleanField(default=True)
    trainee = models.BooleanField(default=False)
    remote = models.BooleanField(default=False)
    quota = models.PositiveSmallIntegerField(default=0)  # shifts a week that a trainee must do
    posts = ArrayField(models.CharField(max_length=20, choices=Role), default=list)  # none: all those granted

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sas", "user"], name="staff_member_once"),
            models.CheckConstraint(
                condition=Q(weekly_hours=None) | Q(weekly_hours__range=(1, 48)), name="staff_weekly_hours"
            ),
            models.CheckConstraint(condition=Q(quota__lte=7), name="staff_quota"),
        ]
