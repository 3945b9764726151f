from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.directory.models import Place, Professional, Structure


class Modality(models.TextChoices):
    CABINET = "AMB", "Au cabinet"
    HOME = "HH", "Visite à domicile"
    VIDEO = "VR", "Téléconsultation"


class Audience(models.TextChoices):
    """Who sees these slots (TRE_R314 of the national interface)."""

    SNP = "SNP", "SAS"
    CPTS = "CPTS", "CPTS"
    PRO = "PRO", "Soignants"
    PUBLIC = "PUBLIC", "Public"
    OWN = "OWN", "Mes patients"


MOST_NOTICE = 14 * 24 * 60  # minutes: as far as slots are made


class WhoMayCome(models.Model):
    """Whom a seat may be given to, and how long before: stated on the rule, carried by each of its slots. `db_default`
    because other programs write slots too.
    """

    min_age_months = models.PositiveSmallIntegerField(null=True)
    max_age_months = models.PositiveSmallIntegerField(null=True)  # excluded
    new_patients = models.BooleanField(default=True, db_default=True)  # False: only those the doctor has already seen
    notice_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)
    specialties = ArrayField(models.CharField(max_length=8), null=True)  # TRE_R38; null: whatever is asked
    reasons = models.CharField(max_length=120, default="", db_default="", blank=True)  # in words, for the OSNP

    class Meta:
        abstract = True


AGES_IN_ORDER = (
    Q(min_age_months__isnull=True) | Q(max_age_months__isnull=True) | Q(max_age_months__gt=F("min_age_months"))
)


class OpeningRule(WhoMayCome):
    """When a place receives: one weekly range in the place's local time, or a single date when `day` is set."""

    class Kind(models.TextChoices):
        SLOTS = "slots", "Créneaux"
        PLAGE = "plage", "Plage sans rendez-vous"

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="rules")
    weekday = models.PositiveSmallIntegerField(null=True)  # 0 = Monday
    day = models.DateField(null=True)
    starts = models.TimeField()
    ends = models.TimeField()
    every_weeks = models.PositiveSmallIntegerField(default=1)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)  # last day included
    on_holidays = models.BooleanField(default=False)
    on_bridges = models.BooleanField(default=True, db_default=True)
    except_days = ArrayField(models.DateField(), default=list, db_default=[])  # dates when this rule does not apply
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.SLOTS)
    slot_minutes = models.PositiveSmallIntegerField(default=20)
    buffer_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)  # between two slots
    capacity = models.PositiveSmallIntegerField(default=1)  # patients in one slot, or in the whole plage
    modalities = ArrayField(models.CharField(max_length=3, choices=Modality))
    audience = models.CharField(max_length=6, choices=Audience, default=Audience.SNP)
    cpts = models.ForeignKey(Structure, on_delete=models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # deleted by its owner; slots with bookings stay

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="rule_ends_after_start"),
            models.CheckConstraint(
                condition=Q(weekday__isnull=False, day__isnull=True) | Q(weekday__isnull=True, day__isnull=False),
                name="rule_is_weekly_or_dated",
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1, capacity__lte=99), name="rule_capacity"),
            models.CheckConstraint(condition=Q(slot_minutes__gte=5, slot_minutes__lte=240), name="rule_slot_minutes"),
            models.CheckConstraint(condition=Q(modalities__len__gt=0), name="rule_has_a_modality"),
            models.CheckConstraint(
                condition=~Q(audience="CPTS") | Q(cpts__isnull=False), name="rule_for_a_cpts_names_it"
            ),
            models.CheckConstraint(condition=Q(every_weeks__gte=1, every_weeks__lte=52), name="rule_every_weeks"),
            models.CheckConstraint(condition=Q(buffer_minutes__lte=120), name="rule_buffer_minutes"),
            models.CheckConstraint(condition=Q(notice_minutes__lte=MOST_NOTICE), name="rule_notice"),
            models.CheckConstraint(condition=AGES_IN_ORDER, name="rule_ages_in_order"),
            models.CheckConstraint(
                condition=Q(specialties__isnull=True) | Q(specialties__len__gt=0), name="rule_some_specialty_or_any"
            ),
        ]


class Absence(models.Model):
    """Away, to the minute; everywhere, or at one place. Its reason is never shown to the SAS."""

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="absences")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, null=True, related_name="+")
    during = DateTimeRangeField()  # open-ended: until further notice
    reason = models.CharField(max_length=120, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)


class Slot(WhoMayCome):
    """A time that can be given, made ahead by the generation job. `taken` is kept by the bookings' own trigger."""

    class Status(models.TextChoices):
        OPEN = "open", "ouvert"
        WITHDRAWN = "withdrawn", "retiré"

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="slots")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, null=True, related_name="slots")
    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, null=True, related_name="slots")
    rule = models.ForeignKey(OpeningRule, on_delete=models.SET_NULL, null=True, related_name="slots")
    during = DateTimeRangeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField(default=1)
    taken = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=5, choices=OpeningRule.Kind, default=OpeningRule.Kind.SLOTS)
    modalities = ArrayField(models.CharField(max_length=3, choices=Modality))
    audience = models.CharField(max_length=6, choices=Audience)
    cpts = models.ForeignKey(Structure, on_delete=models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=20, default="quinze")
    external_id = models.CharField(max_length=80, null=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    sas_sees = models.BooleanField(null=True)  # the doctor's word on this one slot; null: as the audience says

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="slot_never_over_capacity"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_ends_after_start"),
            models.UniqueConstraint(fields=["source", "external_id"], name="slot_external_once"),
            ExclusionConstraint(
                name="one_open_slot_of_a_doctor_at_a_time",
                expressions=[
                    (F("professional"), RangeOperators.EQUAL),
                    (F("source"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
                condition=Q(status="open", professional__isnull=False),
            ),
            ExclusionConstraint(
                name="one_open_slot_of_a_place_without_doctor_at_a_time",
                expressions=[
                    (F("place"), RangeOperators.EQUAL),
                    (F("source"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
                condition=Q(status="open", professional__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["place", "starts_at"],
                name="slot_free",
                condition=Q(status="open", taken__lt=F("capacity")),
            ),
            models.Index(fields=["professional", "starts_at"], name="slot_of_professional"),
            models.Index(fields=["starts_at"], name="slot_starts"),
        ]


class GenerationRun(models.Model):
    """One passage of the job that makes slots ahead, kept so that pages can say how fresh the slots are."""

    sas = models.ForeignKey(Sas, on_delete=models.CASCADE, null=True, related_name="+")
    ran_at = models.DateTimeField()
    until = models.DateTimeField()
    created = models.IntegerField()
    withdrawn = models.IntegerField()
