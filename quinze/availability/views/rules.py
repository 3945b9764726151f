"""Opening rules: stated, changed, ended, and their effect told before they are saved."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from quinze.accounts.access import requires
from quinze.accounts.capabilities import Capability
from quinze.availability import operations, queries, sentences
from quinze.availability.amendment import Amendment, Scope
from quinze.availability.forms import DayForm, RuleForm, ScopeForm
from quinze.availability.operations.preview import preview_rule
from quinze.availability.queries.stated import RuleGroup, cpts_of
from quinze.availability.views.desk import Desk, by_htmx, desk_of, gone, leave, week_url
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Power

CLOSED = {
    Scope.ALL: "Règle supprimée",
    Scope.ONCE: "Le {day:%d/%m/%Y} est fermé",
    Scope.FOLLOWING: "Règle arrêtée à partir du {day:%d/%m/%Y}",
}


def rule_form(desk: Desk, data: Any = None, *, group: RuleGroup | None = None, on: str = "") -> RuleForm:
    places = list(queries.places_of(desk.professional))
    cpts = cpts_of(desk.professional, places=places, at=desk.at)
    initial = RuleForm.values_of(group.spec) | _occurrence(desk, group, on) if group else None
    return RuleForm(
        data,
        places=places,
        cpts=cpts,
        today=desk.today,
        specialty=desk.professional.specialty,
        repeats=group is not None and group.spec.day is None,
        initial=initial,
    )


def _occurrence(desk: Desk, group: RuleGroup, on: str) -> dict[str, Any]:
    """The date that was pointed at in the week, else the next one of the rule."""
    try:
        return {"occurrence": max(date.fromisoformat(on), desk.today), "scope": Scope.ONCE}
    except ValueError:
        return {"occurrence": queries.next_opening(group, since=desk.today), "scope": Scope.ALL}


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
    except NotFound as missing:
        return gone(request, missing)
    return _rule(request, desk, rule_form(desk, request.POST or None, group=group), group=group)


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def rule_end(request: HttpRequest, pk: int) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    form = ScopeForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(said) for errors in form.errors.values() for said in errors))
        return leave(request, week_url(request))
    try:
        group = queries.own_rule_group(desk.professional, pk=pk, on=desk.today)
        closing = Amendment(None, **form.over)
        done = operations.amend_rule(group.rules, amendment=closing, by=desk.by, at=desk.at)
    except Refusal as missing:
        return gone(request, missing)
    tell_change(request, f"{CLOSED[closing.scope].format(day=closing.day)} : {group.title}.", done.generation)
    return leave(request, week_url(request))


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def rule_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """A date that was taken out of a rule opens again."""
    desk = desk_of(request, Power.RULES)
    form = DayForm(request.POST)
    try:
        group = queries.own_rule_group(desk.professional, pk=pk, on=desk.today)
        day = form.cleaned_data["day"] if form.is_valid() else date.min
        done = operations.restore_occurrence(group.rules, day=day, by=desk.by, at=desk.at)
    except Refusal as missing:
        return gone(request, missing)
    tell_change(request, f"Le {day:%d/%m/%Y} est rouvert.", done.generation)
    return leave(request, week_url(request))


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def rule_preview(request: HttpRequest) -> HttpResponse:
    """What saving would do, or why it would be refused. Half-typed forms are met with silence."""
    desk = desk_of(request, Power.RULES)
    group = _replaced(desk, request.POST.get("regle", ""))
    form = rule_form(desk, request.POST, group=group)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            context["effect"] = preview_rule(
                form.spec(),
                replacing=group.rules if group else (),
                **form.over,
                participation=queries.participation_of(desk.professional, sas=desk.by.sas, at=desk.at),
                by=desk.by,
                at=desk.at,
            )
        except Refusal as refusal:
            context["refusal"] = refusal
    return render(request, "availability/_effect.html", context)


def _replaced(desk: Desk, pk: str) -> RuleGroup | None:
    try:
        return queries.own_rule_group(desk.professional, pk=int(pk), on=desk.today)
    except (NotFound, ValueError):
        return None


def _rule(request: HttpRequest, desk: Desk, form: RuleForm, *, group: RuleGroup | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            done = _save_rule(desk, form, group)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            tell_change(request, f"Règle enregistrée : {form.spec().title}.", done.generation)
            return leave(request, week_url(request))
    context = {
        "groups": queries.rules_of(desk.professional, on=desk.today),
        "form": form,
        "open_rule": group,
        "form_is_open": True,
        "monday": request.POST.get("semaine") or request.GET.get("semaine", ""),
    }
    template = "availability/_rules.html" if by_htmx(request) else "availability/rule.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _save_rule(desk: Desk, form: RuleForm, group: RuleGroup | None) -> operations.RuleChange:
    if group:
        amendment = Amendment(form.spec(), **form.over)
        return operations.amend_rule(group.rules, amendment=amendment, by=desk.by, at=desk.at)
    return operations.add_rule(form.spec(), by=desk.by, at=desk.at)


def tell_change(request: HttpRequest, said: str, done: operations.Generation) -> None:
    messages.success(request, f"{said} {sentences.change(done)}")
