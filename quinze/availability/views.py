"""Where a doctor states openings, absences and terms. The week itself, with names, is a page of orientation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.roles import Role
from quinze.availability import operations, queries, sentences
from quinze.availability.forms import AbsenceForm, RuleForm, TermsForm
from quinze.availability.models import OpeningRule
from quinze.availability.operations.preview import preview_rule
from quinze.availability.queries.stated import RuleGroup, cpts_of, own_absence
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.base.periods import local_day
from quinze.directory.acting import acting_for
from quinze.directory.models import Place, Power, Professional
from quinze.directory.operations.participation import Terms, set_participation


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose page it is, and when."""

    by: Actor
    professional: Professional
    at: datetime

    @property
    def zone(self) -> str:
        return self.by.sas.zone

    @property
    def today(self) -> date:
        return self.at.astimezone(ZoneInfo(self.zone)).date()

    def may(self, power: str) -> bool:
        return self.by.mandate is None or power in self.by.mandate.powers

    @property
    def may_rules(self) -> bool:
        return self.may(Power.RULES)

    @property
    def may_outcomes(self) -> bool:
        return self.may(Power.OUTCOMES)


def desk_of(request: HttpRequest, *powers: Power) -> Desk:
    """One's own desk, or that of a doctor who delegated one of these powers to who asks; to read, when none is said."""
    at = clock.now()
    by, professional = acting_for(actor_of(request), request, at=at)
    if professional is None and by.role == Role.DELEGATAIRE:
        raise PermissionDenied("Aucun médecin ne vous a donné délégation : demandez-la dans la page Délégations.")
    if professional is None:
        raise PermissionDenied(
            "Votre compte n’est relié à aucun professionnel de l’annuaire : demandez-le au gestionnaire de comptes."
        )
    desk = Desk(by, professional, at)
    needed = powers or (Power.AGENDA,)
    if not any(desk.may(power) for power in needed):
        raise PermissionDenied(f"{professional} ne vous a pas délégué ceci : {needed[0].label}.")
    return desk


def rule_form(desk: Desk, data: Any = None, *, group: RuleGroup | None = None) -> RuleForm:
    places = list(queries.places_of(desk.professional))
    cpts = cpts_of(desk.professional, places=places, at=desk.at)
    initial = RuleForm.values_of(group.spec) if group else None
    return RuleForm(data, places=places, cpts=cpts, today=desk.today, initial=initial)


# ---- rules


@requires(Capability.OWN_AVAILABILITY)
@require_http_methods(["GET", "POST"])
def rule_new(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    return _rule(request, desk, rule_form(desk, request.POST or None), group=None)


@requires(Capability.OWN_AVAILABILITY)
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    try:
        group = queries.own_rule_group(desk.professional, pk=pk, on=desk.today)
    except NotFound as gone:
        return _gone(request, gone)
    return _rule(request, desk, rule_form(desk, request.POST or None, group=group), group=group)


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def rule_end(request: HttpRequest, pk: int) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    try:
        group = queries.own_rule_group(desk.professional, pk=pk, on=desk.today)
        done = operations.end_rule(group.rules, by=desk.by, at=desk.at)
    except Refusal as gone:
        return _gone(request, gone)
    _tell_change(request, f"Règle supprimée : {group.title}.", done.generation)
    return _leave(request, _week(request))


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def rule_preview(request: HttpRequest) -> HttpResponse:
    """What saving would do, or why it would be refused. Half-typed forms are met with silence."""
    desk = desk_of(request, Power.RULES)
    form = rule_form(desk, request.POST)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            context["effect"] = preview_rule(
                form.spec(),
                replacing=_replaced(desk, request.POST.get("regle", "")),
                participation=queries.participation_of(desk.professional, sas=desk.by.sas, at=desk.at),
                by=desk.by,
                at=desk.at,
            )
        except Refusal as refusal:
            context["refusal"] = refusal
    return render(request, "availability/_effect.html", context)


def _replaced(desk: Desk, pk: str) -> Sequence[OpeningRule]:
    return queries.own_rule_group(desk.professional, pk=int(pk), on=desk.today).rules if pk.isdecimal() else ()


def _rule(request: HttpRequest, desk: Desk, form: RuleForm, *, group: RuleGroup | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            done = _save_rule(desk, form, group)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            _tell_change(request, f"Règle enregistrée : {form.spec().title}.", done.generation)
            return _leave(request, _week(request))
    context = {
        "groups": queries.rules_of(desk.professional, on=desk.today),
        "form": form,
        "open_rule": group,
        "form_is_open": True,
        "monday": request.POST.get("semaine") or request.GET.get("semaine", ""),
    }
    template = "availability/_rules.html" if _by_htmx(request) else "availability/rule.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _save_rule(desk: Desk, form: RuleForm, group: RuleGroup | None) -> operations.RuleChange:
    if group:
        return operations.change_rule(group.rules, spec=form.spec(), by=desk.by, at=desk.at)
    return operations.add_rule(form.spec(), by=desk.by, at=desk.at)


def _tell_change(request: HttpRequest, said: str, done: operations.Generation) -> None:
    messages.success(request, f"{said} {sentences.change(done)}")


# ---- absences


@requires(Capability.OWN_AVAILABILITY)
@require_http_methods(["GET", "POST"])
def absence(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    places = list(queries.places_of(desk.professional))
    form = AbsenceForm(request.POST or None, places=places, initial={"from_day": desk.today})
    if request.method == "POST" and form.is_valid():
        try:
            return _post_absence(request, desk, form, places)
        except Refusal as refusal:
            form.refuse(refusal)
    context = {"form": form, "absences": queries.absences_of(desk.professional, at=desk.at), "several": len(places) > 1}
    return render(request, "availability/absence.html", context, status=422 if form.errors else 200)


def _post_absence(request: HttpRequest, desk: Desk, form: AbsenceForm, places: Sequence[Place]) -> HttpResponse:
    place = next((place for place in places if place.pk == form.cleaned_data["place"]), None)
    zone = (place or places[0]).zone if places else desk.zone
    posted = operations.add_absence(
        desk.professional,
        start=form.start(zone),
        end=form.end(zone),
        place=place,
        reason=form.cleaned_data["reason"],
        by=desk.by,
        at=desk.at,
    )
    _tell_absence(request, posted)
    return _leave(request, reverse("availability:absence"))


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def absence_now(request: HttpRequest) -> HttpResponse:
    """One tap: away from this minute to the end of the day."""
    desk = desk_of(request, Power.RULES)
    _, midnight = local_day(desk.today, desk.zone)
    try:
        _tell_absence(
            request, operations.add_absence(desk.professional, start=desk.at, end=midnight, by=desk.by, at=desk.at)
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return _leave(request, reverse("orientation:effecteur_today"))


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def absence_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    try:
        known = own_absence(desk.professional, pk=pk)
        _tell_change(request, "Absence retirée.", operations.withdraw_absence(known, by=desk.by, at=desk.at))
    except Refusal as gone:
        return _gone(request, gone)
    back = "orientation:effecteur_today" if request.POST.get("retour") == "jour" else "availability:absence"
    return _leave(request, reverse(back))


def _tell_absence(request: HttpRequest, posted: operations.PostedAbsence) -> None:
    messages.success(request, f"Absence enregistrée. {sentences.absence(posted)}")
    if waiting := sentences.to_replace(posted):
        messages.warning(request, waiting)


# ---- terms


@requires(Capability.OWN_PARTICIPATION)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request)
    seen = queries.what_sas_sees(desk.professional, sas=desk.by.sas, at=desk.at)
    initial = TermsForm.values_of(seen.participation) if seen.participation else None
    form = TermsForm(request.POST or None, initial=initial)
    if seen.participation and request.method == "POST" and form.is_valid():
        terms = Terms(via=seen.participation.via, via_structure=seen.participation.via_structure, **form.cleaned_data)
        try:
            set_participation(desk.professional, terms, by=desk.by, at=desk.at)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Réglages enregistrés. Ils valent dès maintenant.")
            return _leave(request, reverse("availability:settings"))
    context = {"form": form, "seen": seen, "hidden": dict(seen.hidden)}
    return render(request, "availability/settings.html", context, status=422 if form.errors else 200)


# ---- going back


def _by_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _week(request: HttpRequest) -> str:
    url, monday = reverse("orientation:effecteur_week"), request.POST.get("semaine", "")
    try:
        return f"{url}?semaine={date.fromisoformat(monday)}"
    except ValueError:
        return url


def _leave(request: HttpRequest, url: str) -> HttpResponse:
    if _by_htmx(request):
        return HttpResponse(status=200, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _gone(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    messages.error(request, refusal.message)
    return _leave(request, _week(request))
