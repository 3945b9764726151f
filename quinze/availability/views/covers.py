"""« Vous régulez de 14 à 18 h : qui vous remplace ? » Name somebody, or close these hours."""

from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from quinze.accounts.access import requires
from quinze.accounts.capabilities import Capability
from quinze.availability.forms import CoverForm
from quinze.availability.operations.covers import name_cover, withdraw_cover
from quinze.availability.queries.covers import Clash, clashes, covers_between, known_substitutes, own_cover, regulating
from quinze.availability.views.absences import Leave, post_leave
from quinze.availability.views.desk import Desk, desk_of, gone, leave
from quinze.base.errors import Refusal
from quinze.base.periods import local_instant
from quinze.directory.models import Power

AHEAD = timedelta(days=14)
BACK = "non"


def clashes_of(desk: Desk) -> list[Clash]:
    """Of the next two weeks, settled or not."""
    hours = regulating(desk.professional, since=desk.at, until=desk.at + AHEAD)
    return clashes(desk.professional, hours=hours, at=desk.at)


@requires(Capability.OWN_AVAILABILITY)
@require_http_methods(["GET", "POST"])
def cover(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    known = known_substitutes(desk.professional, at=desk.at)
    form = CoverForm(request.POST or None, known=known, initial=_asked(request, desk))
    if request.method == "POST" and form.is_valid():
        try:
            start, end = form.hours(desk.zone)
            made = name_cover(
                desk.professional, start=start, end=end, name=form.cleaned_data["name"],
                quality=form.cleaned_data["quality"], by=desk.by, at=desk.at,
            )  # fmt: skip
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"{made.words}, vous remplace : vos créneaux restent ouverts sous son nom.")
            return leave(request, reverse("availability:cover"))
    start = local_instant(desk.today, time.min, desk.zone)
    context = {
        "desk": desk,
        "form": form,
        "known": known,
        "clashes": clashes_of(desk),
        "covers": covers_between(desk.professional, start=start, end=start + timedelta(days=366)),
    }
    return render(request, "availability/cover.html", context, status=422 if form.errors else 200)


def _asked(request: HttpRequest, desk: Desk) -> dict[str, object]:
    """The hours of the link that led here, when they are hours."""
    start, end = (_instant(request.GET.get(name, "")) for name in ("de", "a"))
    if start is None or end is None:
        return {"day": desk.today}
    return {"day": start.date(), "starts": start.time(), "ends": end.time()}


def _instant(text: str) -> datetime | None:
    try:
        day, hour = text.split("T")
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour))
    except ValueError:
        return None


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def cover_end(request: HttpRequest, pk: int) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    try:
        withdraw_cover(own_cover(desk.professional, pk=pk), by=desk.by, at=desk.at)
    except Refusal as missing:
        return gone(request, missing)
    messages.success(request, "Remplacement retiré : vous recevez vous-même.")
    return leave(request, reverse("availability:cover"))


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def close_hours(request: HttpRequest) -> HttpResponse:
    """One tap: away while one regulates. Only for hours that the roster holds; who is expected is shown first."""
    desk, back = desk_of(request, Power.RULES), reverse("orientation:effecteur_today")
    if request.POST.get("confirm") == BACK:
        return leave(request, back)
    said = request.POST.get("de", "")
    found = next((each for each in clashes_of(desk) if each.regulation.start.isoformat() == said), None)
    if found is None:
        messages.error(request, "Le planning ne vous prévoit plus à ces heures, ou elles sont déjà fermées.")
        return leave(request, back)
    asked = Leave(found.regulation.start, found.regulation.end, reason="régulation au SAS")
    try:
        return post_leave(request, desk, asked, back=back)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return leave(request, back)
