from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from quinze.accounts.models import Sas, User
from quinze.base.rows import Quick
from quinze.base.triggers import append_only
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


LONGEST_URL = 500
MOST_NOTICE = 14 * 24 * 60  # minutes: as far as slots are made


class WhoMayCome(Quick):
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


class Cover(models.Model):
    """Somebody who receives in a doctor's place for some hours, in the doctor's own slots: while they regulate, say."""

    class Quality(models.TextChoices):
        REPLACEMENT = "replacement", "remplaçant"
        COLLABORATOR = "collaborator", "collaborateur"
        ASSISTANT = "assistant", "adjoint"

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="covers")
    during = DateTimeRangeField()
    name = models.CharField(max_length=120)
    quality = models.CharField(max_length=12, choices=Quality)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="cover_is_named"),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="cover_has_hours",
            ),
            ExclusionConstraint(
                name="one_cover_of_a_doctor_at_a_time",
                expressions=[
                    (F("professional"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]

    @property
    def words(self) -> str:
        return f"{self.name}, {self.get_quality_display()}"


class Slot(WhoMayCome):
    """A time that can be given, made ahead by the generation job. `taken` is kept by the bookings' own trigger."""

    class Status(models.TextChoices):
        OPEN = "open", "ouvert"
        WITHDRAWN = "withdrawn", "retiré"
        DOUBLED = "doubled", "en double"  # an editor's, while the doctor's own slot holds the same time

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="slots")
    professional = models.ForeignKey(
        Professional, on_delete=models.PROTECT, null=True, related_name="slots", db_index=False
    )
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
    url = models.CharField(max_length=LONGEST_URL, default="", db_default="", blank=True)  # where an editor's is booked

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="slot_never_over_capacity"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_ends_after_start"),
            models.UniqueConstraint(fields=["source", "external_id"], name="slot_external_once"),
            ExclusionConstraint(
                name="one_open_slot_of_a_doctor_at_a_time",  # whoever published it, Quinze or an editor
                expressions=[
                    (F("professional"), RangeOperators.EQUAL),
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
            # Nothing here names `taken`: a seat taken or given back rewrites the row in its page, and no index.
            models.Index(fields=["place", "starts_at"], name="slot_offered", condition=Q(status="open")),
            # Few of the slots, and the ones that a search looks at first: see the decision on the index of the search.
            models.Index(
                fields=["place", "starts_at"],
                name="slot_given",
                condition=Q(status="open", audience__in=["SNP", "CPTS", "PRO"]),
            ),
            models.Index(
                fields=["place", "starts_at"], name="slot_one_by_one", condition=Q(status="open", sas_sees=True)
            ),
            models.Index(fields=["professional", "starts_at"], name="slot_of_professional"),
            models.Index(fields=["starts_at"], name="slot_starts"),
            models.Index(fields=["place"], name="slot_of_editor", condition=~Q(source="quinze")),
        ]


class SlotSource(models.Model):
    """Another system whose slots are shown beside ours. Its addresses and certificates are the affair of interop."""

    code = models.CharField(max_length=20, primary_key=True)  # Slot.source
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    silent_since = models.DateTimeField(null=True)  # the first question left without answer since the last one

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z][a-z0-9-]{1,19}$") & ~Q(code="quinze"), name="slot_source_code"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EditorAgenda(models.Model):
    """Whose agenda another system keeps, under which national identifier, and how fresh what we know of it is."""

    source = models.ForeignKey(SlotSource, on_delete=models.PROTECT, related_name="agendas")
    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, null=True, related_name="+")
    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, null=True, related_name="+")
    identifier = models.CharField(max_length=30)  # with its prefix
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)  # of the answer kept: an older one never replaces it
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(professional__isnull=False, structure__isnull=True)
                | Q(professional__isnull=True, structure__isnull=False),
                name="editor_agenda_has_one_owner",
            ),
            models.UniqueConstraint(
                fields=["source", "identifier"], name="editor_agenda_once", condition=Q(ended_at__isnull=True)
            ),
        ]
        indexes = [
            models.Index(fields=["professional"], name="editor_agenda_of_doctor", condition=Q(ended_at__isnull=True)),
            models.Index(
                fields=["source", "asked_at"], name="editor_agenda_oldest", condition=Q(ended_at__isnull=True)
            ),
        ]


class GenerationRun(models.Model):
    """One passage of the job that makes slots ahead, kept so that pages can say how fresh the slots are."""

    sas = models.ForeignKey(Sas, on_delete=models.CASCADE, null=True, related_name="+")
    ran_at = models.DateTimeField()
    until = models.DateTimeField()
    created = models.IntegerField()
    withdrawn = models.IntegerField()


class CalendarFeed(models.Model):
    """A calendar that a doctor keeps elsewhere, read for its busy times only. Its address opens it: it is sealed."""

    class Kind(models.TextChoices):
        ICS = "ics", "adresse iCalendar"
        CALDAV = "caldav", "agenda CalDAV"

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="feeds")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, null=True, related_name="+")  # null: all places
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind)
    host = models.CharField(max_length=253)  # the part of the address that may be shown
    sealed = models.TextField()  # address, user, password
    fingerprint = models.CharField(max_length=64)  # of the address, keyed: says "already there" without opening it
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # What the readings came to; each of them is a FeedReading.
    next_pull_at = models.DateTimeField()
    pulled_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    covers_until = models.DateTimeField(null=True)  # busy times are known up to there
    failures = models.PositiveIntegerField(default=0)  # in a row
    error = models.CharField(max_length=300, blank=True)
    events = models.PositiveIntegerField(default=0)
    unreadable = models.PositiveIntegerField(default=0)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["professional", "fingerprint"], name="feed_once_per_doctor", condition=Q(ended_at__isnull=True)
            ),
        ]
        indexes = [
            models.Index(fields=["next_pull_at"], name="feed_to_pull", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["professional"], name="feed_of_doctor", condition=Q(ended_at__isnull=True)),
            models.Index(
                Coalesce("succeeded_at", "created_at"), name="feed_oldest_success", condition=Q(ended_at__isnull=True)
            ),
        ]


class FeedReading(models.Model):
    """What one pull of a feed changed: a first success, other contents, a failure, a recovery. Appended, never changed.

    A pull that only confirms the one before moves `CalendarFeed.succeeded_at` and writes no row.
    """

    class Outcome(models.TextChoices):
        READ = "read", "lu"
        FAILED = "failed", "échec"

    feed = models.ForeignKey(CalendarFeed, on_delete=models.PROTECT, related_name="readings")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=6, choices=Outcome)
    code = models.CharField(max_length=30, blank=True)  # why it failed, for those who count
    error = models.CharField(max_length=300, blank=True)  # the same, in French, for the doctor
    events = models.PositiveIntegerField(default=0)
    busy = models.PositiveIntegerField(default=0)
    unreadable = models.PositiveIntegerField(default=0)
    octets = models.PositiveIntegerField(default=0)

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["feed", "at"], name="feed_reading_order")]


class BusyTime(models.Model):
    """A period taken in a feed, and nothing else of it: neither title nor person. Replaced by each reading."""

    feed = models.ForeignKey(CalendarFeed, on_delete=models.CASCADE, related_name="busy")
    during = DateTimeRangeField()
    of_sas = models.BooleanField(default=False)  # the doctor's own note of an appointment given by the SAS

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(during__isempty=False), name="busy_lasts"),
            models.UniqueConstraint(fields=["feed", "during"], name="busy_once"),
        ]


class CalendarLink(models.Model):
    """The private address by which a doctor follows Quinze from another calendar. Revoked by ending it."""

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="calendar_links")
    with_initials = models.BooleanField(default=False)
    with_slots = models.BooleanField(default=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["professional"], name="one_live_calendar_link", condition=Q(ended_at__isnull=True)
            ),
        ]
