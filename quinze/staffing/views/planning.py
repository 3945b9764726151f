"""What a SAS plans with: its sorts of shifts, its rules, the calls it expects, its school calendar; and the shifts that
a study asks for.
"""

from datetime import date
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.accounts.forms import refuse
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.science.forecast.calendars import SCHOOL_ZONES
from quinze.staffing import operations as do
from quinze.staffing.planning_forms import CountsForm, KindForm, RulesForm, SchoolForm
from quinze.staffing.queries import planning
from quinze.staffing.queries.national import departement
from quinze.staffing.roster_rules import NAMES, PRESET, PRESETS
from quinze.staffing.rostering import ONE_DAY, WEEK_DAYS, monday_of
from quinze.staffing.shift_kinds import DEFAULT, shown
from quinze.staffing.views.studies import cover_of

editor = requires(Capability.EDIT_ROSTER)


@editor
@require_POST
def plan_cover(request: HttpRequest) -> HttpResponse:
    """The shifts of the study in the address, on the days of a week."""
    by, at = actor_of(request), clock.now()
    study = f"{reverse('staffing:study', args=['gardes'])}?{request.GET.urlencode()}"
    try:
        monday = date.fromisoformat(request.POST.get("monday", ""))
        made = do.plan_cover(cover_of(request.GET, by.sas), monday=monday, by=by, at=at)
    except ValueError:
        messages.error(request, "Choisissez un lundi.")
        return HttpResponseRedirect(study)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect(study)
    messages.success(request, f"{made} garde(s) prévue(s), sans personne. « Compléter par le calcul » les donne.")
    return HttpResponseRedirect(f"{reverse('staffing:week')}?semaine={monday.isoformat()}")


@editor
@require_http_methods(["GET", "HEAD", "POST"])
def kinds(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    form = KindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = do.add_kind(**form.asked(), by=by)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"« {made.name} » ajoutée : les prochaines études s’en servent.")
            return redirect("staffing:kinds")
    own = planning.shift_kinds(by.sas)
    has = {each.role for each in own}
    context = {
        "form": form,
        "own": [(each, ", ".join(map(shown, each.starts)), shown(each.minutes)) for each in own],
        "default": [
            (Role(each.role).label, each.kind, ", ".join(map(shown, each.kind.starts)), shown(each.kind.minutes))
            for each in DEFAULT
            if each.role not in has
        ],
    }
    return render(request, "staffing/kinds.html", context, status=422 if form.errors else 200)


@editor
@require_POST
def adopt_kinds(request: HttpRequest) -> HttpResponse:
    copied = do.adopt_kinds(by=actor_of(request))
    messages.success(request, f"{copied} sorte(s) reprise(s) : changez-les, retirez celles que vous n’avez pas.")
    return redirect("staffing:kinds")


@editor
@require_POST
def remove_kind(request: HttpRequest, pk: int) -> HttpResponse:
    do.remove_kind(pk, by=actor_of(request))
    messages.success(request, "Sorte de garde retirée. Les gardes déjà prévues restent.")
    return redirect("staffing:kinds")


@editor
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Without a choice in the address, the rules of this week; `?modele=` fills the form with a preset."""
    by, at = actor_of(request), clock.now()
    today = at.astimezone(ZoneInfo(by.sas.zone)).date()
    current = planning.rules_row(by.sas, monday_of(today))
    preset = PRESET.get(request.GET.get("modele", "")) or PRESET[current.preset if current else PRESETS[0].key]
    figures = current if current and preset.key == current.preset else preset.figures
    initial = {name: getattr(figures, name) for name in NAMES}
    coming = monday_of(today) + WEEK_DAYS * ONE_DAY
    form = RulesForm(request.POST or None, initial=initial | {"preset": preset.key, "valid_from": coming})
    if request.method == "POST" and form.is_valid():
        try:
            made = do.set_rules(**form.asked(), by=by, at=at)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"Règles valables dès la semaine du {made.valid_from:%d/%m/%Y}.")
            return redirect("staffing:rules")
    history = [(each, PRESET[each.preset].label) for each in planning.rules_history(by.sas)]
    context = {"form": form, "presets": PRESETS, "current": current, "history": history, "preset": preset}
    return render(request, "staffing/rules.html", context, status=422 if form.errors else 200)


@editor
@require_http_methods(["GET", "HEAD", "POST"])
def give_counts(request: HttpRequest) -> HttpResponse:
    """Counts of calls become the forecast of the SAS."""
    by, at = actor_of(request), clock.now()
    form = CountsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            do.forecast_counts(form.content("file"), regressor=form.content("regressor"), by=by, at=at)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "Prévision faite : lisez d’abord ce qu’elle vaut.")
            return redirect("staffing:study", "prevision")
    intro = (
        "Un CSV : debut;appels, et si besoin niveau. Un créneau de 15, 30 ou 60 minutes par ligne ; non compté,"
        " il s’omet, il ne vaut pas zéro. Quatorze jours au moins. Du fichier, rien n’est gardé que ce qui est prévu."
    )
    return _upload(request, form, title="Prévoir les appels", intro=intro)


@editor
@require_http_methods(["GET", "HEAD", "POST"])
def school(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    form = SchoolForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = do.bring_school_calendar(form.content("file"), source=form.cleaned_data["source"], by=by, at=at)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(
                request, f"{len(made.periods)} périodes de vacances lues : la prochaine prévision s’en sert."
            )
            return redirect("staffing:school")
    return _upload(
        request,
        form,
        title="Vacances scolaires",
        intro=_school_intro(by.sas.code),
        own=planning.school_calendar(by.sas),
    )


def _school_intro(code: str) -> str:
    zone = SCHOOL_ZONES.get(departement(code))
    known = (
        f"Ce SAS est en zone {zone} : le calendrier national est connu jusqu’en août 2028. Un fichier le remplace."
        if zone
        else "Ce territoire fixe ses propres vacances, par arrêté du recteur : Quinze ne les a pas, donnez-les."
    )
    return (
        f"{known} Un CSV debut;rentree;nom (2026-12-19;2027-01-04;Noël), l’export du calendrier scolaire de"
        " data.education.gouv.fr, ou un fichier iCalendar."
    )


def _upload(request: HttpRequest, form: object, *, title: str, intro: str, own: object = None) -> HttpResponse:
    context = {"form": form, "title": title, "intro": intro, "own": own}
    failed = bool(getattr(form, "errors", None))
    return render(request, "staffing/forecast_form.html", context, status=422 if failed else 200)
