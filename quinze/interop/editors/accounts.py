"""INT_R02, as the platform: editors are told which regulators may come, lazily, and at once who may no longer.

One row a person and editor holds what the editor must know. It is written in the transaction that makes it true; it
leaves afterwards, as often as needed. A later state takes the place of one that could not leave: a withdrawal never
waits behind the creation that it undoes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from django.db import transaction
from django.db.models import F, QuerySet
from procrastinate.contrib.django import app

from quinze.accounts.models import NationalIdentity, PlatformAccount, RoleGrant, User
from quinze.accounts.roles import Role
from quinze.interop.editors.fetching import Answered, Asking, ask, words
from quinze.interop.editors.models import Editor, EditorAccount, PlatformRegulator
from quinze.interop.fhir import regulator
from quinze.interop.fhir.facts import IDENTIFIERS, Resource, octets

REGULATORS = frozenset([Role.OSNP, Role.REGULATEUR_AMU, Role.REGULATEUR_SNP])
BUDGET = 7.0
LEASE = timedelta(seconds=60)  # an attempt that dies is taken up again after it
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
AT_ONCE = 100
PUSH = "quinze.interop.tasks.push_account"
KNOWN_THERE = frozenset(["http_409", "http_412", "http_422"])  # what a creation is told when the account exists
TRY_LATER = frozenset(["http_408", "http_425", "http_429"])


# ---- what editors must know


def declare(user: User, *, at: datetime) -> None:
    """To every editor in force that takes accounts, in the caller’s transaction; nothing where nothing changed."""
    editors = list(Editor.objects.filter(takes_accounts=True, source__ended_at__isnull=True))
    if editors:
        said = resource_of(user, active=True, at=at)
        for editor in editors:
            _want(editor, user, said, at=at)


def withdraw_if_none(user: User, *, at: datetime) -> None:
    """Editors that were told of this person, when no role lets them come any more or the account is suspended."""
    told = list(EditorAccount.objects.filter(user=user, wanted__active=True).select_related("editor"))
    if told and not _may_come(user, at=at):
        said = resource_of(user, active=False, at=at)
        for account in told:
            _want(account.editor, user, said, at=at)


def withdraw_expired(*, at: datetime) -> int:
    """Roles that ended by their own date, which nobody says. How many people."""
    told = EditorAccount.objects.filter(wanted__active=True).values_list("user", flat=True)
    allowed = _grants(at=at).filter(user__in=told, user__is_active=True).values_list("user", flat=True)
    gone = User.objects.filter(pk__in=set(told) - set(allowed))
    for user in gone:
        with transaction.atomic():
            withdraw_if_none(user, at=at)
    return len(gone)


def _may_come(user: User, *, at: datetime) -> bool:
    return User.objects.filter(pk=user.pk, is_active=True).exists() and _grants(at=at).filter(user=user).exists()


def _grants(*, at: datetime) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(role__in=REGULATORS, during__contains=at)


def resource_of(user: User, *, active: bool, at: datetime) -> Resource:
    """FrPractitionerRegul: by the technical identifier always, by the card once it is known."""
    known, _ = PlatformRegulator.objects.get_or_create(user=user, defaults={"created_at": at})
    card = NationalIdentity.objects.filter(user=user).values_list("subject", flat=True).first()
    technical = str(known.technical_id)
    said = PlatformAccount(
        pk=known.technical_id,
        national_id=card if card and regulator.VALUES[regulator.NATIONAL].fullmatch(card) else "",
        technical_id=technical,
        family_name=user.family_name,
        given_name=user.given_name,
        email=user.email,
        active=active,
    )
    return regulator.write(said)


def _want(editor: Editor, user: User, said: Resource, *, at: datetime) -> None:
    account, is_new = EditorAccount.objects.get_or_create(
        editor=editor, user=user, defaults={"wanted": said, "wanted_at": at, "next_try_at": at}
    )
    if not is_new:
        account = EditorAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
        if account.wanted == said:
            return
        account.wanted, account.wanted_at, account.next_try_at = said, at, at
        account.attempts, account.error = 0, ""
        account.save(update_fields=["wanted", "wanted_at", "next_try_at", "attempts", "error"])
    app.configure_task(PUSH).defer(account_id=account.pk)  # leaves with the transaction


# ---- telling them


@dataclass(frozen=True, slots=True)
class _Attempt:
    account: EditorAccount
    said: Resource
    is_creation: bool
    number: int


def due(*, at: datetime) -> list[int]:
    waiting = EditorAccount.objects.filter(next_try_at__lte=at, editor__source__ended_at__isnull=True)
    return list(waiting.order_by("next_try_at", "pk").values_list("pk", flat=True)[:AT_ONCE])


def push(account_id: int, *, at: datetime) -> str:
    """One attempt, by one process at a time. Its outcome: "ok", why not, or "" when there was nothing to send."""
    attempt = _take(account_id, at=at)
    if attempt is None:
        return ""
    (answered,) = ask([_asking(attempt)], budget=BUDGET)
    _note(attempt, answered, at=at)
    return answered.code


def _take(account_id: int, *, at: datetime) -> _Attempt | None:
    """The row is leased, not locked: nothing waits for the network."""
    with transaction.atomic():
        locked = EditorAccount.objects.select_for_update(of=("self",), skip_locked=True)
        found = locked.select_related("editor__source").filter(pk=account_id, next_try_at__lte=at).first()
        if found is None or found.editor.source.ended_at is not None:
            return None
        attempt = _Attempt(found, found.wanted, found.sent is None and not found.tried, found.attempts + 1)
        EditorAccount.objects.filter(pk=found.pk).update(next_try_at=at + LEASE, attempts=F("attempts") + 1, tried=True)
    return attempt


def _asking(attempt: _Attempt) -> Asking:
    """A creation once; after that a conditional update, which creates as well and may be said twice."""
    content, editor = octets(attempt.said), attempt.account.editor
    if attempt.is_creation:
        return Asking(editor, "Practitioner", "POST", content)
    system = IDENTIFIERS["platform"]
    value = next(one["value"] for one in attempt.said["identifier"] if one["system"] == system)
    return Asking(editor, f"Practitioner?identifier={quote(f'{system}|{value}', safe=':')}", "PUT", content)


def _note(attempt: _Attempt, answered: Answered, *, at: datetime) -> None:
    with transaction.atomic():
        account = EditorAccount.objects.select_for_update(of=("self",)).get(pk=attempt.account.pk)
        is_last = account.wanted == attempt.said
        if answered.code == "ok":
            account.sent, account.sent_at, account.error = attempt.said, at, ""
            account.attempts = 0
        else:
            account.error = words(answered.code)[:300]
        account.next_try_at = _next(attempt, answered.code, at=at) if is_last else at
        account.save(update_fields=["sent", "sent_at", "error", "attempts", "next_try_at"])


def _next(attempt: _Attempt, code: str, *, at: datetime) -> datetime | None:
    """None: done, or refused for good (people look at it)."""
    if code == "ok":
        return None
    if attempt.is_creation and code in KNOWN_THERE:
        return at
    if code.startswith("http_4") and code not in TRY_LATER:
        return None
    doubled: timedelta = FIRST * 2 ** min(attempt.number - 1, 10)
    return at + min(LONGEST, doubled)


def try_again(accounts: Iterable[int], *, at: datetime) -> int:
    """Those that were refused, after people spoke to the editor. How many."""
    refused = EditorAccount.objects.filter(pk__in=list(accounts), next_try_at__isnull=True).exclude(error="")
    return refused.update(next_try_at=at, attempts=0)
