from uuid import uuid4

import pghistory
import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Lower
from django.db.models.lookups import LessThanOrEqual

from quinze.accounts.announcements import LONGEST, NOTES, Level
from quinze.accounts.help_desk import LARGEST_FILE, LONGEST_TEXT, State, Theme
from quinze.accounts.roles import Role
from quinze.base.rows import Quick
from quinze.base.triggers import append_only


class Sas(Quick):
    """A service d'accès aux soins: the owner of everything that happens in it."""

    code = models.CharField(max_length=12, unique=True)  # 86, 21-58, 64A
    name = models.CharField(max_length=120)
    zone = models.CharField(max_length=40, default="Europe/Paris")
    samu_letter = models.CharField(max_length=1, default="0")  # X of the national file number: DRFR15 DD X AA JJJ 00000
    announced = models.TextField(default="", db_default="", blank=True)  # Announcement, as every page reads it

    def __str__(self) -> str:
        return f"SAS {self.code} {self.name}"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who can log in. What they may do comes from their role grants, never from flags here."""

    email = models.EmailField(unique=True)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    title = models.CharField(max_length=10, blank=True)  # Dr
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    theme = models.CharField(max_length=5, default="light", choices=[("light", "clair"), ("dark", "sombre")])
    sound = models.BooleanField(default=False, db_default=False)  # when something comes to one's desk
    welcomed = ArrayField(models.CharField(max_length=20), default=list, db_default=[])  # roles whose welcome is closed

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case_unique")]

    def __str__(self) -> str:
        return " ".join(part for part in (self.title, self.given_name, self.family_name) if part)

    def get_full_name(self) -> str:
        return str(self)


@pghistory.track()
class RoleGrant(models.Model):
    """Who may take which role, in which SAS, from when to when, and who said so."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role)
    during = DateTimeRangeField()
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="role_granted_once_at_a_time",
                expressions=[
                    (F("user"), RangeOperators.EQUAL),
                    (F("sas"), RangeOperators.EQUAL),
                    (F("role"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            )
        ]


@pghistory.track()
class NationalIdentity(models.Model):
    """Who Pro Santé Connect says it is: one national identifier, one account. E-mail addresses play no part in it."""

    class How(models.TextChoices):
        ENROLLED = "enrolled", "à l’ouverture du compte"
        PASSWORD = "password", "par son mot de passe"
        FIRST_USE = "first_use", "à la première utilisation d’un compte préparé"

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="national_identity")
    subject = models.CharField(max_length=40, unique=True)  # SubjectNameID: 8 + RPPS, 0 + ADELI, other IDNPS
    how = models.CharField(max_length=10, choices=How)
    linked_at = models.DateTimeField()
    said = models.JSONField(default=dict)  # exercices and activities, as of the last login
    said_at = models.DateTimeField()


class Derogation(models.Model):
    """The SAS lets one person act as ARM and as OSNP in one shift, dated and argued (P47)."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="derogations")
    during = DateTimeRangeField()
    reason = models.TextField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        triggers = append_only()


class Duty(models.Model):
    """A person at work in one role: begins when they take a desk, ends when they leave it or take another."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="duties")
    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    during = DateTimeRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_duty_at_a_time",
                expressions=[(F("user"), RangeOperators.EQUAL), (F("during"), RangeOperators.OVERLAPS)],
            )
        ]
        indexes = [models.Index(fields=["sas", "role"], name="duty_open", condition=Q(during__upper_inf=True))]


class AccountEvent(models.Model):
    """What was done to an account, in one SAS, by whom and why."""

    class Kind(models.TextChoices):
        CREATED = "created", "Compte créé"
        ATTACHED = "attached", "Compte existant rattaché"
        INVITED = "invited", "Invitation envoyée"
        GRANTED = "granted", "Rôle donné"
        REVOKED = "revoked", "Rôle retiré"
        SUSPENDED = "suspended", "Compte suspendu"
        REACTIVATED = "reactivated", "Compte rouvert"
        DEROGATED = "derogated", "Dérogation enregistrée"
        FACTOR_RESET = "factor_reset", "Second facteur remis à zéro"
        ENROLLED = "enrolled", "Compte ouvert par Pro Santé Connect"
        LINKED = "linked", "Pro Santé Connect rattaché"
        UNTIED = "untied", "Pro Santé Connect détaché"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="events")
    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    detail = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # null: the command line
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["user", "sas", "-at"], name="account_event_history")]


class TermsVersion(models.Model):
    """The text that people accept; the highest number is in force. Never edited: another version follows it."""

    number = models.PositiveSmallIntegerField(unique=True)
    title = models.CharField(max_length=160)
    text = models.TextField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        triggers = append_only()


class TermsAcceptance(models.Model):
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="terms")
    version = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="acceptances")
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="terms_accepted_once")]


class _Declared(models.Model):
    """What the national platform says of a regulator."""

    national_id = models.CharField(max_length=40, blank=True)  # IDNPS: that of Pro Santé Connect
    technical_id = models.CharField(max_length=36, blank=True)  # of the platform, before the card is known there
    family_name = models.CharField(max_length=80)
    given_name = models.CharField(max_length=80)
    email = models.CharField(max_length=254)  # written to, never a key: two accounts may share it
    active = models.BooleanField()

    class Meta:
        abstract = True


class PlatformAccount(_Declared):
    """A regulator for whom the national platform vouches. Opens nothing by itself: see operations.platform."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, null=True, related_name="+")  # null: any of them
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["national_id"],
                name="platform_account_national_once",
                condition=Q(active=True) & ~Q(national_id=""),
            ),
            models.UniqueConstraint(
                fields=["technical_id"],
                name="platform_account_technical_once",
                condition=Q(active=True) & ~Q(technical_id=""),
            ),
            models.CheckConstraint(
                name="platform_account_identified", condition=~Q(national_id="") | ~Q(technical_id="")
            ),
        ]
        indexes = [
            models.Index(fields=["national_id"], name="platform_account_national"),
            models.Index(fields=["technical_id"], name="platform_account_technical"),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"


class PlatformAccountEvent(_Declared):
    """What the platform changed, and the whole account as it was left."""

    class Kind(models.TextChoices):
        CREATED = "created", "Compte déclaré"
        CHANGED = "changed", "Compte modifié"
        IDENTIFIED = "identified", "Identifiant changé"
        CLOSED = "closed", "Habilitation retirée"
        REOPENED = "reopened", "Habilitation rendue"

    account = models.ForeignKey(PlatformAccount, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.CharField(max_length=80)  # the machine that said it, as it is registered
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        indexes = [
            models.Index(fields=["account", "-at"], name="platform_event_history"),
            models.Index(fields=["national_id"], name="platform_event_national"),
            models.Index(fields=["technical_id"], name="platform_event_technical"),
        ]


class Announcement(models.Model):
    """What a SAS says to everyone: never rewritten, only stopped. `Sas.announced` holds those to come and shown."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="announcements")
    text = models.CharField(max_length=LONGEST)
    level = models.CharField(max_length=10, choices=Level)
    during = DateTimeRangeField()
    roles = ArrayField(models.CharField(max_length=20, choices=Role), default=list)  # none: everyone
    before_login = models.BooleanField(default=False)  # shown on the page of login too
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    stopped_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="only_stopped", exclude=["stopped_by", "stopped_at"]),
        ]
        constraints = [
            models.CheckConstraint(name="announcement_says_something", condition=~Q(text="")),
            models.CheckConstraint(
                name="announcement_has_a_time", condition=Q(during__isempty=False, during__startswith__isnull=False)
            ),
            models.CheckConstraint(
                name="announcement_stopped_by_somebody",
                condition=Q(stopped_by__isnull=True, stopped_at__isnull=True)
                | Q(stopped_by__isnull=False, stopped_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["sas", "-at"], name="announcement_history")]

    @property
    def kind(self) -> str:
        return NOTES[Level(self.level)]

    @property
    def role_labels(self) -> str:
        return ", ".join(Role(role).label for role in self.roles)


class HelpRequest(models.Model):
    """A question to somebody of the SAS: who answers is a role, by theme; somebody of that role takes it in hand."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="help_requests")
    role = models.CharField(max_length=20, choices=Role)  # in which it was asked
    theme = models.CharField(max_length=10, choices=Theme)
    page = models.CharField(max_length=60, blank=True)  # its name in the program: no address, no identifier
    phone = models.CharField(max_length=20, blank=True)
    desk = models.CharField(max_length=20, choices=Role)  # who is to answer
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="help_request_in_hand_of_somebody", condition=Q(state=State.NEW) | Q(taken_by__isnull=False)
            ),
            models.CheckConstraint(
                name="help_request_answered_when",
                condition=Q(state=State.ANSWERED, answered_at__isnull=False)
                | (~Q(state=State.ANSWERED) & Q(answered_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["sas", "desk", "state"], name="help_request_inbox"),
            models.Index(fields=["by", "-at"], name="help_request_of_person"),
        ]


class HelpMessage(models.Model):
    """What was written of a request, and what was done with it. Never rewritten; forgotten with its request."""

    class Kind(models.TextChoices):
        ASKED = "asked", "Demande"
        ANSWERED = "answered", "Réponse"
        ADDED = "added", "Complément"
        TAKEN = "taken", "Prise en charge"
        MOVED = "moved", "Transmise"

    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        triggers = [pgtrigger.Protect(name="never_rewritten", operation=pgtrigger.Update)]
        constraints = [
            models.CheckConstraint(name="help_message_length", condition=LessThanOrEqual(Length("text"), LONGEST_TEXT))
        ]
        indexes = [models.Index(fields=["request", "at"], name="help_message_order")]


class HelpFile(models.Model):
    """A file joined to a request. Its kind is what its content says, and it is only ever given back as a download."""

    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8)
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        triggers = [pgtrigger.Protect(name="never_rewritten", operation=pgtrigger.Update)]
        constraints = [models.CheckConstraint(name="help_file_size", condition=Q(size__gt=0, size__lte=LARGEST_FILE))]
