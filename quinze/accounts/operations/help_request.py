"""Questions asked of somebody of the SAS: asked, taken in hand, handed on, answered, added to, forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from quinze.accounts.actor import Actor
from quinze.accounts.help_desk import (
    KEPT_DAYS,
    LARGEST_FILE,
    LONGEST_TEXT,
    MOST_FILES,
    PER_DAY,
    State,
    Theme,
    desk_of,
    kind_of,
    name_of,
)
from quinze.accounts.models import HelpFile, HelpMessage, HelpRequest, User
from quinze.accounts.queries import may_answer, roles_held
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, NotFound, Refusal

TELL_DESK, TELL_PERSON = "quinze.accounts.tasks.tell_help_desk", "quinze.accounts.tasks.tell_answer"
Kind = HelpMessage.Kind


@dataclass(frozen=True, slots=True)
class Joined:
    """A file as it was sent."""

    name: str
    content: bytes


@transaction.atomic
def ask_help(
    text: str,
    *,
    theme: Theme,
    by: Actor,
    at: datetime,
    page: str = "",
    phone: str = "",
    files: Sequence[Joined] = (),
) -> HelpRequest:
    """Goes to the role that answers this theme, or to who stands in for it in this SAS; each of them gets a mail."""
    said, kept = _said(text), _files(files)
    User.objects.select_for_update(no_key=True).get(pk=by.user.pk)  # two windows count one after the other
    if HelpRequest.objects.filter(by=by.user, at__gt=at - timedelta(days=1)).count() >= PER_DAY:
        words = f"{PER_DAY} demandes en un jour : complétez l’une d’elles, ou appelez votre SAS."
        raise Refusal(words, code="too_many")
    with refuse_violations():
        request = HelpRequest.objects.create(
            sas=by.sas, by=by.user, role=by.role, theme=theme, page=page, phone=phone,
            desk=desk_of(theme, held=roles_held(by.sas, at=at)), at=at,
        )  # fmt: skip
    _write(request, Kind.ASKED, said, by=by, at=at)
    HelpFile.objects.bulk_create(
        HelpFile(request=request, name=name, kind=kind, size=len(content), content=content)
        for name, kind, content in kept
    )
    _later(TELL_DESK, request)
    return request


@transaction.atomic
def take_help(pk: int, *, by: Actor, at: datetime) -> HelpRequest:
    """One person answers; the second who takes it learns who."""
    request = _to_answer(pk, by=by)
    if request.taken_by_id and request.taken_by_id != by.user.pk:
        raise Conflict(f"{request.taken_by} s’en occupe déjà.", code="taken")
    if request.taken_by_id is None:
        request.state, request.taken_by = State.IN_HAND, by.user
        request.save(update_fields=["state", "taken_by"])
        _write(request, Kind.TAKEN, "", by=by, at=at)
    return request


@transaction.atomic
def move_help(pk: int, *, theme: Theme, by: Actor, at: datetime) -> HelpRequest:
    """To who answers another theme; nobody has it in hand there yet."""
    request = _to_answer(pk, by=by)
    desk = desk_of(theme, held=roles_held(request.sas, at=at))
    if request.state == State.ANSWERED or (request.theme, request.desk) == (theme, desk):
        raise Refusal("Choisissez un autre thème, pour une demande encore ouverte.", field="theme", code="same")
    request.theme, request.desk, request.state, request.taken_by = theme, desk, State.NEW, None
    request.save(update_fields=["theme", "desk", "state", "taken_by"])
    _write(request, Kind.MOVED, f"{theme.label}", by=by, at=at)
    _later(TELL_DESK, request)
    return request


@transaction.atomic
def answer_help(pk: int, text: str, *, by: Actor, at: datetime) -> HelpRequest:
    """The person reads it in the page and by mail. Answered again, the last words count too: nothing is replaced."""
    said, request = _said(text), _to_answer(pk, by=by)
    request.state, request.taken_by, request.answered_at = State.ANSWERED, by.user, at
    request.save(update_fields=["state", "taken_by", "answered_at"])
    _write(request, Kind.ANSWERED, said, by=by, at=at)
    _later(TELL_PERSON, request)
    return request


@transaction.atomic
def add_to_help(pk: int, text: str, *, by: Actor, at: datetime) -> HelpRequest:
    """Who asked says more: an answered request is open again, in the hands of who answered."""
    said = _said(text)
    request = HelpRequest.objects.select_for_update(of=("self",)).filter(pk=pk, by=by.user).first()
    if request is None:
        raise NotFound("Cette demande n’existe pas.")
    if request.messages.filter(kind=Kind.ADDED, at__gt=at - timedelta(days=1)).count() >= PER_DAY:
        raise Refusal("Trop de compléments en un jour : appelez votre SAS.", code="too_many")
    if request.state == State.ANSWERED:
        request.state, request.answered_at = State.IN_HAND, None
        request.save(update_fields=["state", "answered_at"])
    _write(request, Kind.ADDED, said, by=by, at=at)
    _later(TELL_DESK, request)
    return request


def forget_help(*, at: datetime) -> int:
    """Answered more than a year ago: with their messages and their files."""
    over = HelpRequest.objects.filter(answered_at__lt=at - timedelta(days=KEPT_DAYS))
    return over.delete()[1].get("accounts.HelpRequest", 0)


def _to_answer(pk: int, *, by: Actor) -> HelpRequest:
    rows = HelpRequest.objects.select_for_update(of=("self",)).select_related("sas", "taken_by")
    request = rows.filter(pk=pk, sas=by.sas).first()
    if request is None or not may_answer(request, by):
        raise NotFound("Cette demande n’existe pas.")
    return request


def _write(request: HelpRequest, kind: Kind, text: str, *, by: Actor, at: datetime) -> None:
    HelpMessage.objects.create(request=request, kind=kind, text=text, by=by.user, at=at)


def _said(text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if not said or "\x00" in said:
        raise Refusal("Écrivez quelques mots.", field="text", code="empty")
    if len(said) > LONGEST_TEXT:
        raise Refusal(f"{LONGEST_TEXT} caractères au plus ; il y en a {len(said)}.", field="text", code="length")
    return said


def _files(files: Sequence[Joined]) -> list[tuple[str, str, bytes]]:
    if len(files) > MOST_FILES:
        raise Refusal(f"{MOST_FILES} fichiers au plus.", field="joined", code="too_many")
    kept = []
    for file in files:
        if not 0 < len(file.content) <= LARGEST_FILE:
            raise Refusal(f"« {file.name[:60]} » est vide ou dépasse 1 Mo.", field="joined", code="size")
        kind = kind_of(file.content)
        kept.append((name_of(file.name, kind=kind), kind, file.content))
    return kept


def _later(task: str, request: HelpRequest) -> None:
    app.configure_task(task, allow_unknown=True).defer(request=request.pk)
