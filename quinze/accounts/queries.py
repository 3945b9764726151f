"""Reads of accounts. Those of the management pages start from the SAS of who asks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.crypto import constant_time_compare
from django.utils.timezone import localtime

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import (
    AccountEvent,
    Announcement,
    Derogation,
    Duty,
    HelpFile,
    HelpRequest,
    NationalIdentity,
    PlatformAccount,
    PlatformAccountEvent,
    RoleGrant,
    Sas,
    TermsAcceptance,
    TermsVersion,
    User,
)
from quinze.accounts.platform import ORIGIN, Declared, Key
from quinze.accounts.roles import FROM_PLATFORM_ONLY, Role
from quinze.accounts.shifts import LONGEST_DUTY
from quinze.base.errors import NotFound
from quinze.base.written import Written

# ---- who acts


def actor_from_session(session: SessionBase, *, at: datetime) -> Actor | None:
    """One query. None without a login, without a post, or once the role is no longer granted.

    The post of the platform is held only by a session that came from there, which holds no other.
    """
    user_id = session.get(SESSION_KEY)
    duty = next(iter(POST_OF(user=int(user_id), at=at, begun_after=at - LONGEST_DUTY)), None) if user_id else None
    if duty is None or not _still_valid(session, duty.user):
        return None
    if (duty.role == FROM_PLATFORM_ONLY) != bool(session.get(ORIGIN)):
        return None
    return Actor(user=duty.user, role=Role(duty.role), sas=duty.sas)


def _still_valid(session: SessionBase, user: User) -> bool:
    """A changed password ends the other sessions of the person, as in django.contrib.auth.get_user."""
    if not session.get(BACKEND_SESSION_KEY):
        return False
    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def open_duties(at: datetime, *, begun_after: datetime | None = None) -> QuerySet[Duty]:
    """Posts held at that instant, by people who are still granted the role and not suspended."""
    granted = RoleGrant.objects.filter(
        user=OuterRef("user"), sas=OuterRef("sas"), role=OuterRef("role"), during__contains=at
    )
    return Duty.objects.filter(
        Exists(granted),
        during__contains=at,
        during__startswith__gt=begun_after or at - LONGEST_DUTY,
        user__is_active=True,
    )


POST_OF = Written(
    lambda user, at, begun_after: (
        open_duties(at, begun_after=begun_after).filter(user_id=user).select_related("user", "sas").order_by("pk")[:1]
    ),
    user=int,
    at=datetime,
    begun_after=datetime,
)


def user_of_national_id(subject: str) -> User | None:
    """By SubjectNameID, suspended or not."""
    return User.objects.filter(national_identity__subject=subject).first()


def identity_of(user: User) -> NationalIdentity | None:
    return NationalIdentity.objects.filter(user=user).first()


# ---- roles


def grants_of(user: User, *, at: datetime) -> QuerySet[RoleGrant]:
    """What this person may take by themselves at that instant, in every SAS."""
    held = RoleGrant.objects.filter(user=user, during__contains=at).exclude(role=FROM_PLATFORM_ONLY)
    return held.select_related("sas").order_by("sas__code", "role")


def role_holders(sas: Sas, role: Role, *, at: datetime) -> QuerySet[User]:
    """Active people granted this role in this SAS, at their post or not."""
    granted = RoleGrant.objects.filter(user=OuterRef("pk"), sas=sas, role=role, during__contains=at)
    return User.objects.filter(Exists(granted), is_active=True).order_by("family_name", "given_name")


def people_on_duty(sas: Sas, *, at: datetime) -> list[Actor]:
    """Of the SAS: who comes from the platform is a visitor."""
    duties = open_duties(at).filter(sas=sas).exclude(role=FROM_PLATFORM_ONLY)
    duties = duties.select_related("user", "sas").order_by("role", "user__family_name")
    return [Actor(user=duty.user, role=Role(duty.role), sas=duty.sas) for duty in duties]


# ---- management, within one SAS


def accounts_of(sas: Sas, *, search: str = "") -> QuerySet[User]:
    """People who have, had or will have a role in this SAS."""
    words = Q()
    for word in search.split():
        words &= Q(family_name__icontains=word) | Q(given_name__icontains=word) | Q(email__icontains=word)
    here = RoleGrant.objects.filter(user=OuterRef("pk"), sas=sas)
    people = User.objects.filter(Exists(here), words).select_related("national_identity")
    return people.order_by("family_name", "given_name", "pk")


def addresses_in(sas: Sas, emails: Iterable[str]) -> set[str]:
    """Those of these lowercase addresses whose account has, had or will have a role in this SAS."""
    known = User.objects.filter(email__in=list(emails), grants__sas=sas)
    return set(known.values_list("email", flat=True))


@dataclass(frozen=True, slots=True)
class AccountRow:
    user: User
    roles: str

    @property
    def state(self) -> str:
        if not self.user.is_active:
            return "suspendu"
        opened = self.user.has_usable_password() or hasattr(self.user, "national_identity")
        return "ouvert" if opened else "invité"

    def cells(self) -> list[str]:
        user = self.user
        last = f"{localtime(user.last_login):%d/%m/%Y %H:%M}" if user.last_login else ""
        created = f"{localtime(user.created_at):%d/%m/%Y}"
        return [user.family_name, user.given_name, user.title, user.email, self.roles, self.state, created, last]


def account_rows(sas: Sas, people: Iterable[User], *, at: datetime) -> list[AccountRow]:
    """These people with their present roles in this SAS: one query, however many they are."""
    users = list(people)
    roles: dict[int, list[str]] = defaultdict(list)
    for grant in RoleGrant.objects.filter(sas=sas, user__in=users, during__contains=at).order_by("role"):
        roles[grant.user_id].append(Role(grant.role).label)
    return [AccountRow(user=user, roles=", ".join(roles[user.pk])) for user in users]


def grants_in(sas: Sas, user: User) -> QuerySet[RoleGrant]:
    grants = RoleGrant.objects.filter(sas=sas, user=user).select_related("granted_by")
    return grants.order_by("-granted_at", "-pk")


def derogations_in(sas: Sas, user: User) -> QuerySet[Derogation]:
    return Derogation.objects.filter(sas=sas, user=user).select_related("recorded_by").order_by("-recorded_at")


def history_in(sas: Sas, user: User) -> QuerySet[AccountEvent]:
    return AccountEvent.objects.filter(sas=sas, user=user).select_related("by").order_by("-at", "-pk")


def belongs_elsewhere(user: User, *, sas: Sas, at: datetime) -> bool:
    """Another SAS relies on this account, now or later."""
    return RoleGrant.objects.filter(user=user, during__endswith__isnull=True).exclude(sas=sas).exists() or (
        RoleGrant.objects.filter(user=user, during__endswith__gt=at).exclude(sas=sas).exists()
    )


# ---- terms of use


def terms_in_force() -> TermsVersion | None:
    return TermsVersion.objects.order_by("-number").first()


def terms_due(user: User) -> bool:
    """Whether the version in force waits for this person. One query."""
    current = TermsVersion.objects.order_by("-number").annotate(
        accepted=Exists(TermsAcceptance.objects.filter(version=OuterRef("pk"), user=user))
    )
    return current.values_list("accepted", flat=True).first() is False


def accepted_terms(user: User) -> QuerySet[TermsAcceptance]:
    """Every version this person accepted, latest first."""
    return TermsAcceptance.objects.filter(user=user).select_related("version").order_by("-version__number")


def without_terms(sas: Sas, *, at: datetime) -> QuerySet[User]:
    """Active people granted a role now who have not accepted the version in force; nobody while there is none."""
    current = terms_in_force()
    if current is None:
        return User.objects.none()
    granted = RoleGrant.objects.filter(user=OuterRef("pk"), sas=sas, during__contains=at)
    accepted = TermsAcceptance.objects.filter(user=OuterRef("pk"), version=current)
    people = User.objects.filter(Exists(granted), ~Exists(accepted), is_active=True)
    return people.order_by("family_name", "given_name", "pk")


def terms_versions(sas: Sas, *, at: datetime) -> QuerySet[TermsVersion]:
    """Latest first, each with how many of this SAS's present people accepted it (`accepted`)."""
    granted = RoleGrant.objects.filter(sas=sas, during__contains=at).values("user")
    here = Count("acceptances", filter=Q(acceptances__user__in=granted))
    return TermsVersion.objects.select_related("published_by").annotate(accepted=here).order_by("-number")


# ---- regulators of the national platform


def platform_account(key: Key, *, sas: Sas | None) -> PlatformAccount | None:
    """The active account that bears this identifier, else the last one that bore it. `sas`: only those said for it."""
    found = _declared_for(sas).filter(**{key.field: key.value})
    return found.order_by("-active", "-changed_at", "pk").first()


def platform_account_once(key: Key, said: Declared, *, sas: Sas | None) -> PlatformAccount | None:
    """The account that bore this identifier and now bears those said: the same change, told again."""
    bore = PlatformAccountEvent.objects.filter(account=OuterRef("pk"), **{key.field: key.value})
    now = {"national_id": said.national_id, "technical_id": said.technical_id}
    return _declared_for(sas).filter(Exists(bore), **now).order_by("-active", "-changed_at", "pk").first()


def active_platform_account(national_id: str) -> PlatformAccount | None:
    return PlatformAccount.objects.filter(national_id=national_id, active=True).exclude(national_id="").first()


def only_sas() -> Sas | None:
    """That of an installation which has one."""
    every = list(Sas.objects.all()[:2])
    return every[0] if len(every) == 1 else None


def platform_accounts(sas: Sas, *, search: str = "") -> QuerySet[PlatformAccount]:
    """Those that may come to this SAS, or could."""
    words = Q()
    for word in search.split():
        words &= (
            Q(family_name__icontains=word)
            | Q(given_name__icontains=word)
            | Q(national_id__icontains=word)
            | Q(technical_id__icontains=word)
        )
    found = PlatformAccount.objects.filter(Q(sas=sas) | Q(sas__isnull=True), words)
    return found.order_by("-active", "family_name", "given_name", "pk")


def _declared_for(sas: Sas | None) -> QuerySet[PlatformAccount]:
    return PlatformAccount.objects.filter(sas=sas) if sas else PlatformAccount.objects.all()


def platform_history(account: PlatformAccount) -> QuerySet[PlatformAccountEvent]:
    """Latest first."""
    return account.events.order_by("-at", "-pk")


# ---- announcements


def announcements_before_login(*, at: datetime) -> QuerySet[Announcement]:
    """For the page of login, where nobody has a SAS yet: each is shown with the name of its own."""
    shown = Announcement.objects.filter(before_login=True, stopped_at__isnull=True, during__contains=at)
    return shown.select_related("sas").order_by("sas__code", "-at")


def announcements_of(sas: Sas) -> QuerySet[Announcement]:
    return Announcement.objects.filter(sas=sas).select_related("by", "stopped_by").order_by("-at")


# ---- questions and answers


def roles_held(sas: Sas, *, at: datetime) -> set[Role]:
    """Those that somebody who can log in is granted there today."""
    grants = RoleGrant.objects.filter(sas=sas, during__contains=at, user__is_active=True)
    return {Role(role) for role in grants.values_list("role", flat=True).distinct()}


def people_of_role(sas: Sas, role: Role, *, at: datetime) -> QuerySet[User]:
    granted = RoleGrant.objects.filter(user=OuterRef("pk"), sas=sas, role=role, during__contains=at)
    return User.objects.filter(Exists(granted), is_active=True).order_by("pk")


def may_answer(request: HelpRequest, by: Actor) -> bool:
    """The role that it was sent to, and the administrator of the same SAS."""
    mine = by.role in {request.desk, Role.ADMINISTRATOR}
    return mine and by.may(Capability.ANSWER_HELP) and request.sas_id == by.sas.pk


def help_to_give(by: Actor) -> QuerySet[HelpRequest]:
    """Those that wait first, the oldest first; then the answered ones, the latest first."""
    mine = HelpRequest.objects.filter(sas=by.sas)
    if by.role != Role.ADMINISTRATOR:
        mine = mine.filter(desk=by.role)
    return mine.select_related("by", "taken_by").order_by(F("answered_at").desc(nulls_first=True), "at")


def help_asked(user: User) -> QuerySet[HelpRequest]:
    return HelpRequest.objects.filter(by=user).select_related("taken_by").order_by("-at")


def help_request(pk: int, *, by: Actor) -> HelpRequest:
    """For who asked it and who answers it; it does not exist for anybody else."""
    found = HelpRequest.objects.filter(pk=pk).select_related("sas", "by", "taken_by").first()
    if found is None or not (found.by_id == by.user.pk or may_answer(found, by)):
        raise NotFound("Cette demande n’existe pas.")
    return found


def help_file(pk: int, *, request: HelpRequest) -> HelpFile:
    found = request.files.filter(pk=pk).first()
    if found is None:
        raise NotFound("Ce fichier n’existe pas.")
    return found
