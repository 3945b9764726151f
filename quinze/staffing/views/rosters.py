"""The week of the room: who is expected where, what lacks, and the changes that an editor makes."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.forms import refuse
from quinze.accounts.models import User
from quinze.accounts.spreadsheet import read_cells
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.science import rosters as science
from quinze.staffing import operations as do
from quinze.staffing import roster_calendars, sheets
from quinze.staffing.eligibility import limits
from quinze.staffing.operations.rosters import week_around
from quinze.staffing.queries import rosters as queries
from quinze.staffing.queries.facts import facts_of
from quinze.staffing.queries.people import members
from quinze.staffing.roster_forms import FactForm, MemberForm, PassForm, RosterFileForm, ShiftsForm
from quinze.staffing.rostering import ONE_DAY, WEEK_DAYS, monday_of, sentences, week_bounds

reader = requires(Capability.READ_ROSTER)
editor = requires(Capability.EDIT_ROSTER)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _today(by: Actor) -> date:
    return clock.now().astimezone(ZoneInfo(by.sas.zone)).date()


def _monday(text: str) -> date:
    try:
        return monday_of(date.fromisoformat(text))
    except (ValueError, OverflowError) as wrong:
        raise Http404("Cette semaine n’existe pas.") from wrong


def _to_week(monday: date) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('staffing:week')}?semaine={monday.isoformat()}")


@reader
@require_GET
def week(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    typed = request.GET.get("semaine", "")
    monday = _monday(typed) if typed else monday_of(_today(by))
    shown = queries.week(by=by, monday=monday)
    edits = by.may(Capability.EDIT_ROSTER)
    context = {
        "week": shown,
        "before": monday - WEEK_DAYS * ONE_DAY,
        "after": monday + WEEK_DAYS * ONE_DAY,
        "today": _today(by),
        "edits": edits,
        "broken": [sentences([each], shown.names) for each in shown.breaches] if edits else [],
        "events": queries.events(by=by) if edits else [],
    }
    return render(request, "staffing/week.html", context)


@editor
@require_POST
def act(request: HttpRequest, monday: str, what: str) -> HttpResponse:
    """Copy, complete or publish a week."""
    by, first, at = actor_of(request), _monday(monday), clock.now()
    try:
        if what == "publier":
            version = do.publish(monday=first, by=by, at=at)
            said = f"Version {version.number} publiée : elle dit qui peut prendre quel poste."
        elif what == "copier":
            copied = do.copy_week(monday=first, by=by, at=at)
            said = f"{copied} gardes reprises de la semaine d’avant, sans leurs personnes."
        elif what == "completer":
            said = _completed(do.fill_week(monday=first, by=by, at=at))
        else:
            raise Http404("Cette action n’existe pas.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
    return _to_week(first)


def _completed(roster: science.Roster) -> str:
    lacking = sum(gap.lacking for gap in roster.gaps)
    if not lacking:
        return "Semaine complète, sans enfreindre aucune règle. Relisez-la, puis publiez."
    sure = " On ne peut pas faire mieux avec ces personnes et ces règles." if roster.inevitable else ""
    return f"Il reste {lacking} place(s) vide(s), sans enfreindre aucune règle.{sure}"


@editor
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, monday: str) -> HttpResponse:
    by, first = actor_of(request), _monday(monday)
    form = ShiftsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = do.plan_shifts(**form.asked(first), by=by, at=clock.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{len(made)} garde(s) prévue(s).")
            return _to_week(first)
    intro = "Les mêmes heures chaque jour choisi ; une fin avant le début est le lendemain."
    return _form(request, form, title="Prévoir des gardes", monday=first, intro=intro)


def _form(
    request: HttpRequest, form: object, *, title: str, monday: date, intro: str, upload: bool = False
) -> HttpResponse:
    context = {"form": form, "title": title, "monday": monday, "intro": intro, "upload": upload}
    failed = bool(getattr(form, "errors", None))
    return render(request, "staffing/roster_form.html", context, status=422 if failed else 200)


@editor
@require_http_methods(["GET", "HEAD", "POST"])
def shift(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is on it, who may come, and what is in the way of the others."""
    by, at = actor_of(request), clock.now()
    found = queries.shift_of(pk, by=by)
    monday = monday_of(found.during.lower.astimezone(ZoneInfo(by.sas.zone)).date())
    refusal = None
    if request.method == "POST":
        try:
            if _changed(request, pk, by=by):
                return _to_week(monday)
            return redirect("staffing:shift", pk)
        except Refusal as said:
            refusal = said
    shifts = week_around([found])
    problem = queries.problem_of(by.sas, shifts)
    asked = problem.shift[str(pk)]
    users = {str(user.pk): user for user in queries.people_granted(by.sas, at=at)}
    candidates = [
        {"user": users[each.person], "broken": sentences(each.broken)}
        for each in science.candidates(problem, queries.assignments_of(shifts), asked)
        if each.person in users
    ]
    lacking = {gap.shift.key: gap.lacking for gap in science.gaps(problem, queries.assignments_of(shifts))}
    context = {"shift": found, "told": do.told(found), "candidates": candidates, "monday": monday, "refusal": refusal,
               "lacking": lacking.get(str(pk), 0), "typed": request.POST.get("despite", "")}  # fmt: skip
    return render(request, "staffing/shift.html", context, status=422 if refusal else 200)


def _changed(request: HttpRequest, pk: int, *, by: Actor) -> bool:
    """True once the shift itself is gone."""
    at, action = clock.now(), request.POST.get("action", "")
    if action == "remove":
        do.remove_shift(pk, by=by, at=at)
        return True
    user = _person(request, by)
    if action == "unassign":
        do.unassign(pk, user_id=user.pk, by=by, at=at)
        messages.success(request, f"{user} n’est plus sur cette garde.")
    else:
        do.assign(pk, user=user, by=by, at=at, despite=request.POST.get("despite", ""))
        messages.success(request, f"{user} est sur cette garde.")
    return False


def _person(request: HttpRequest, by: Actor) -> User:
    """Somebody of this SAS: granted a role, or already on one of its shifts."""
    number = request.POST.get("user", "")
    user = queries.person_of(int(number), by=by) if number.isdecimal() and len(number) < 10 else None
    if user is None:
        raise Refusal("Choisissez une personne de la liste.", code="unknown")
    return user


@editor
@require_http_methods(["GET", "HEAD", "POST"])
def open_post(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    form = PassForm(request.POST or None, people=list(queries.people_granted(by.sas, at=at)))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        until = at + timedelta(hours=values["hours"])
        try:
            do.open_post(user=form.user, role=values["role"], reason=values["reason"], until=until, by=by, at=at)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"Poste ouvert à {form.user} pour {values['hours']} h. C’est noté au journal.")
            return _to_week(monday_of(_today(by)))
    intro = "La personne peut prendre ce poste sans être au planning. Votre nom et le motif restent."
    return _form(request, form, title="Ouvrir un poste hors planning", monday=monday_of(_today(by)), intro=intro)


@editor
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    return render(request, "staffing/people.html", {"people": members(by.sas, at=clock.now())})


@editor
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    user = queries.person_of(pk, by=by)
    if user is None:
        raise Http404("Cette personne n’a pas de poste dans votre SAS.")
    known = queries.member(user, sas=by.sas)
    names = ("weekly_hours", "nights", "trainee", "quota", "remote", "posts")
    initial = {name: getattr(known, name) for name in names} if known else {"nights": True}
    form = MemberForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            do.save_member(user=user, by=by, **{name: form.cleaned_data[name] for name in names})
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"Réglages de {user} enregistrés.")
            return redirect("staffing:people")
    intro = "Ce que les règles du planning doivent savoir de cette personne dans votre SAS."
    return _form(request, form, title=str(user), monday=monday_of(_today(by)), intro=intro)


@editor
@require_http_methods(["GET", "HEAD", "POST"])
def facts(request: HttpRequest, pk: int) -> HttpResponse:
    """What makes this person eligible, line by line; nothing is rewritten."""
    by, at = actor_of(request), clock.now()
    user = queries.person_of(pk, by=by)
    if user is None:
        raise Http404("Cette personne n’a pas de poste dans votre SAS.")
    form = FactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            do.add_fact(user=user, **form.cleaned_data, by=by, at=at)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"Situation de {user} complétée.")
            return redirect("staffing:facts", pk=pk)
    written = facts_of(by.sas, [pk])[pk]
    context = {"form": form, "person": user, "facts": written[::-1], "limits": limits(written), "today": _today(by)}
    return render(request, "staffing/facts.html", context, status=422 if form.errors else 200)


@reader
@require_GET
def week_sheet(request: HttpRequest, monday: str) -> HttpResponse:
    by, first = actor_of(request), _monday(monday)
    return _file(sheets.xlsx(_lines(by, first), zone=by.sas.zone), first, "xlsx", XLSX)


@reader
@require_GET
def week_calendar(request: HttpRequest, monday: str) -> HttpResponse:
    by, first = actor_of(request), _monday(monday)
    return _file(roster_calendars.of_week(_lines(by, first)), first, "ics", "text/calendar; charset=utf-8")


def _lines(by: Actor, monday: date) -> list[sheets.Line]:
    return [
        sheets.Line(
            each.role, each.during.lower, each.during.upper, each.needed,
            tuple(held.user.email for held in each.assignments.all()),
        )
        for each in queries.shifts_between(by.sas, *week_bounds(monday, by.sas.zone))
    ]  # fmt: skip


def _file(content: bytes, monday: date, ending: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="planning-{monday.isoformat()}.{ending}"'
    return response


@editor
@require_http_methods(["GET", "HEAD", "POST"])
def import_sheet(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    form = RosterFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            lines = _read(form.content(), zone=by.sas.zone)
            added = do.import_lines(lines, by=by, at=clock.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(
                request, f"{len(lines)} gardes lues, {added} affectations ajoutées. Relisez, puis publiez."
            )
            return _to_week(monday_of(lines[0].start.astimezone(ZoneInfo(by.sas.zone)).date()))
    titles = ", ".join(sheets.HEADER)
    intro = (
        f"Un classeur comme celui que « Exporter » donne, titres : {titles}. Ou un calendrier : le poste dans le titre,"
        " les personnes invitées par leur adresse. Tout est pris, ou rien."
    )
    return _form(request, form, title="Importer un planning", monday=monday_of(_today(by)), intro=intro, upload=True)


def _read(content: bytes, *, zone: str) -> list[sheets.Line]:
    if content.lstrip()[:15].upper() == b"BEGIN:VCALENDAR":
        return roster_calendars.read(content, zone=zone)
    return sheets.read(read_cells(content), zone=zone)
