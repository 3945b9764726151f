"""The register of editors, and what their answers came to."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import User
from quinze.availability.models import SlotSource
from quinze.base.triggers import append_only


class EditorKind(models.TextChoices):
    PS = "PS", "professionnels (INT_R01)"
    CPTS = "CPTS", "CPTS (INT_R04)"
    SOS = "SOS", "SOS Médecins"


class Editor(models.Model):
    """How one source of slots is reached. Ended with its source, never deleted. Keys stay in files, outside."""

    source = models.OneToOneField(SlotSource, on_delete=models.PROTECT, primary_key=True, related_name="+")
    endpoint = models.CharField(max_length=300)  # the [base] of the guide
    certificate = models.CharField(max_length=300)  # files of PEM: ours, its key, the authority of theirs
    key = models.CharField(max_length=300)
    authority = models.CharField(max_length=300)
    kinds = ArrayField(models.CharField(max_length=4, choices=EditorKind))
    takes_accounts = models.BooleanField(default=True)  # INT_R02
    hosts = ArrayField(models.CharField(max_length=253))  # where its pages of booking may be, besides the endpoint
    # The breaker, shared by all processes.
    failures = models.PositiveIntegerField(default=0)  # in a row
    open_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kinds__len__gt=0), name="editor_has_a_kind"),
            models.CheckConstraint(condition=Q(endpoint__startswith="https://"), name="editor_endpoint_is_https"),
        ]

    def __str__(self) -> str:
        return str(self.source)


class EditorEvent(models.Model):
    """Of the register and of the breaker: added, ended, asked no more, asked again."""

    class Kind(models.TextChoices):
        ADDED = "added", "Inscrit"
        ENDED = "ended", "Retiré"
        OPENED = "opened", "Suspendu"
        CLOSED = "closed", "Rétabli"

    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=6, choices=Kind)
    text = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["editor", "-at"], name="editor_event_history")]


class EditorCall(models.Model):
    """One question and what it came to. Kept some days."""

    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, related_name="calls")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=20)  # "ok", or why not
    ms = models.PositiveIntegerField()
    asked = models.PositiveSmallIntegerField()  # identifiers
    slots = models.PositiveIntegerField(default=0)
    dropped = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["editor", "-at"], name="editor_call_order")]
        constraints = [models.CheckConstraint(condition=Q(asked__lte=25), name="editor_call_of_25_at_most")]


class EditorDrop(models.Model):
    """How many slots of a day were set aside, and why."""

    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, related_name="drops")
    day = models.DateField()
    reason = models.CharField(max_length=20)
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["editor", "day", "reason"], name="editor_drop_once")]
        ordering = [F("count").desc(), "reason"]


class PlatformRegulator(models.Model):
    """The technical identifier under which our platform declares a regulator to editors, the same for all of them."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="+")
    technical_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    created_at = models.DateTimeField()


class EditorAccount(models.Model):
    """What an editor must know of a regulator (INT_R02), and what it last accepted: an outbox of one row a person,
    where a later state takes the place of one that could not leave.
    """

    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, related_name="accounts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    wanted = models.JSONField()
    wanted_at = models.DateTimeField()
    sent = models.JSONField(null=True)
    sent_at = models.DateTimeField(null=True)
    tried = models.BooleanField(default=False)  # it may have been created there although no answer came
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)  # null: nothing to send, or refused
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["editor", "user"], name="editor_account_once")]
        indexes = [
            models.Index(fields=["next_try_at"], name="editor_account_due", condition=Q(next_try_at__isnull=False))
        ]
