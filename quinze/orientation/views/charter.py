"""The charter: read by everyone, edited as a draft, tried on real past requests, then published."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.orientation import operations, queries
from quinze.orientation.charter_labels import LevelWords, level_words
from quinze.orientation.forms.charter import HeadForm, LevelForm, level_form, posted_levels, tell_faults
from quinze.orientation.models import CharterVersion
from quinze.science.charter import CharterError

PREVIEWED = 12
NEW_LEVEL = {
    "name": "Nouveau niveau",
    "who": "participants",
    "offer": ["snp"],
    "within": "default",
    "order": ["earliest"],
}


@requires(Capability.READ_CHARTER)
@require_GET
def charter(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """The version in force, or the one asked for."""
    by, at = actor_of(request), clock.now()
    versions = list(queries.charter_versions(sas=by.sas))
    shown = _shown(versions, number) or queries.charter_in_force(sas=by.sas, at=at)
    context = {
        "versions": versions,
        "shown": shown,
        "words": charter_words(shown) if shown else [],
        "draft": queries.charter_draft(sas=by.sas),
        "may_edit": by.may(Capability.EDIT_CHARTER),
        "at": at,
    }
    return render(request, "orientation/charter.html", context)


def charter_words(version: CharterVersion) -> list[LevelWords]:
    document = version.document
    return [level_words(level, document.get("default_order", [])) for level in document["levels"]]


def _shown(versions: list[CharterVersion], number: int | None) -> CharterVersion | None:
    return next((version for version in versions if version.number == number), None) if number else None


@requires(Capability.EDIT_CHARTER)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    operations.start_draft(sas=by.sas, by=by, at=clock.now())
    return redirect("orientation:charter_edit")


@requires(Capability.EDIT_CHARTER)
def edit(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    draft = get_object_or_404(CharterVersion.objects.filter(sas=by.sas), status=CharterVersion.Status.DRAFT)
    if request.method == "POST":
        return _posted(request, draft, by=by, at=at)
    head = HeadForm(initial={"title": draft.title, "authors": draft.authors, "agreed_on": draft.agreed_on})
    levels = [level_form(level, index) for index, level in enumerate(draft.document.get("levels", []))]
    return _page(request, draft, head=head, levels=levels)


def _page(
    request: HttpRequest,
    draft: CharterVersion,
    *,
    head: HeadForm,
    levels: list[LevelForm],
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    context = {"draft": draft, "head": head, "levels": levels, "last": len(levels) - 1, **extra}
    return render(request, "orientation/charter_edit.html", context, status=status)


def _posted(request: HttpRequest, draft: CharterVersion, *, by: Actor, at: datetime) -> HttpResponse:
    head, levels = HeadForm(request.POST), posted_levels(request.POST)
    act, _, place = request.POST.get("do", "save").partition("-")
    sound = all([head.is_valid(), *(level.is_valid() for level in levels)])
    if not sound:
        return _page(request, draft, head=head, levels=levels, status=422)
    written = [level.document() for level in levels]
    if act in MOVES:
        MOVES[act](written, int(place) if place.isdigit() else 0)
        return _page(
            request, draft, head=head, levels=[level_form(level, i) for i, level in enumerate(written)], unsaved=True
        )
    document = {**draft.document, "levels": written}
    if act == "preview":
        return _preview(request, draft, head=head, levels=levels, document=document, by=by, at=at)
    return _save(request, draft, head=head, levels=levels, document=document, by=by, at=at, publish=act == "publish")


def _up(levels: list[dict[str, Any]], index: int) -> None:
    if 0 < index < len(levels):
        levels[index - 1], levels[index] = levels[index], levels[index - 1]


Move = Callable[[list[dict[str, Any]], int], object]
MOVES: dict[str, Move] = {
    "up": _up,
    "down": lambda levels, index: _up(levels, index + 1),
    "remove": lambda levels, index: levels.pop(index) if index < len(levels) else None,
    "add": lambda levels, _index: levels.append(dict(NEW_LEVEL)),
}


def _save(
    request: HttpRequest,
    draft: CharterVersion,
    *,
    head: HeadForm,
    levels: list[LevelForm],
    document: dict[str, Any],
    by: Actor,
    at: datetime,
    publish: bool,
) -> HttpResponse:
    data = head.cleaned_data
    try:
        draft = operations.save_draft(
            draft=draft, title=data["title"], authors=data["authors"], document=document, by=by, at=at
        )
        if publish:
            operations.publish(draft=draft, agreed_on=data["agreed_on"], by=by, at=at)
    except Refusal as refusal:
        left = tell_faults(levels, refusal.data.get("faults", []))
        head.add_error(refusal.field if refusal.field in head.fields else None, left or refusal.message)
        return _page(request, draft, head=head, levels=levels, status=422)
    messages.success(request, f"Charte version {draft.number} publiée." if publish else "Brouillon enregistré.")
    return redirect("orientation:charter" if publish else "orientation:charter_edit")


def _preview(
    request: HttpRequest,
    draft: CharterVersion,
    *,
    head: HeadForm,
    levels: list[LevelForm],
    document: dict[str, Any],
    by: Actor,
    at: datetime,
) -> HttpResponse:
    past = queries.past_requests(sas=by.sas, at=at, limit=PREVIEWED)
    try:
        previews = queries.preview(document=document, requests=past)
    except CharterError as error:
        head.add_error(None, tell_faults(levels, error.faults))
        return _page(request, draft, head=head, levels=levels, status=422)
    changed = sum(preview.changed for preview in previews)
    return _page(request, draft, head=head, levels=levels, previews=previews, changed=changed, unsaved=True)


@requires(Capability.EDIT_CHARTER)
@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    draft = get_object_or_404(CharterVersion.objects.filter(sas=by.sas), status=CharterVersion.Status.DRAFT)
    operations.discard_draft(draft=draft, by=by, at=clock.now())
    messages.success(request, "Brouillon abandonné. La charte en vigueur ne change pas.")
    return redirect("orientation:charter")
