from collections.abc import Callable

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from quinze.accounts.access import actor_of, requires, requires_any
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory import operations, queries
from quinze.directory.forms import (
    CommuneForm,
    DepartementForm,
    EntryNumberForm,
    ExceptionForm,
    HoursForm,
    NeighbourForm,
    ParameterForm,
    SasForm,
    shown,
)
from quinze.directory.parameters import Parameter, declared
from quinze.directory.queries.territory import Choice
from quinze.directory.views.answers import done, form_page, saved, told

reader = requires_any(Capability.READ_DIRECTORY, Capability.EDIT_TERRITORY)
editor = requires(Capability.EDIT_TERRITORY)
WEEKDAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")


@reader
def territory(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    found = queries.territory(by.sas, clock.now())
    context = {
        "sas": by.sas,
        "territory": found,
        "choices": [(choice, _words(choice)) for choice in found.choices],
        "weekdays": WEEKDAYS,
        "journal": queries.journal_of(by.sas),
        "may_edit": by.may(Capability.EDIT_TERRITORY),
    }
    return render(request, "directory/territory.html", context)


@reader
def communes(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    rows = queries.covered_communes(by.sas)
    context = {"sas": by.sas, "rows": rows, "may_edit": by.may(Capability.EDIT_TERRITORY)}
    return render(request, "directory/communes.html", context)


@reader
def parameter(request: HttpRequest, name: str) -> HttpResponse:
    """Its value, its history, and the form to change it for those who may."""
    by, at = actor_of(request), clock.now()
    try:
        known = declared(name)
    except Refusal as refusal:
        raise Http404(refusal.message) from refusal
    context = {
        "parameter": known,
        "value": _shown(known, queries.parameter(by.sas, name, at)),
        "default": _shown(known, known.default),
        "history": [(row, _shown(known, row.value)) for row in queries.parameter_history(by.sas, name)],
        "form": ParameterForm(parameter=known, value=queries.parameter(by.sas, name, at)),
        "may_edit": by.may(Capability.EDIT_TERRITORY),
    }
    return render(request, "directory/parameter.html", context)


@editor
@require_POST
def parameter_set(request: HttpRequest, name: str) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    try:
        form = ParameterForm(request.POST, parameter=declared(name))
    except Refusal as refusal:
        raise Http404(refusal.message) from refusal
    if done(
        form, lambda: operations.set_parameter(name, form.value(), by=by, at=at, reason=form.cleaned_data["reason"])
    ):
        return saved(request, reverse("directory:parameter", args=[name]), said="Paramètre changé.")
    return form_page(request, form, title=form.parameter.label, back=reverse("directory:parameter", args=[name]))


@editor
def sas(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    form = SasForm(request.POST or None, initial={"name": by.sas.name, "zone": by.sas.zone})
    return _one_form(request, form, "Le SAS", lambda: operations.change_sas(**form.cleaned_data, by=by, at=clock.now()))


@editor
def commune_new(request: HttpRequest) -> HttpResponse:
    by, form = actor_of(request), CommuneForm(request.POST or None)

    def cover() -> None:
        typed = form.cleaned_data
        operations.cover_commune(typed["commune"], part=typed["part"], by=by, at=clock.now())

    return _one_form(request, form, "Couvrir une commune", cover, back="directory:communes")


@editor
def departement_new(request: HttpRequest) -> HttpResponse:
    by, form = actor_of(request), DepartementForm(request.POST or None)
    return _one_form(
        request,
        form,
        "Couvrir un département",
        lambda: operations.cover_departement(form.cleaned_data["departement"].upper(), by=by, at=clock.now()),
        back="directory:communes",
    )


@editor
@require_POST
def commune_remove(request: HttpRequest, insee: str) -> HttpResponse:
    by, found = actor_of(request), queries.commune(insee)
    if found is None:
        raise Http404("Cette commune n’existe pas.")
    told(request, lambda: operations.uncover_commune(found, by=by, at=clock.now()), said=f"{found} retirée.")
    return redirect("directory:communes")


@editor
def hours(request: HttpRequest) -> HttpResponse:
    by, form = actor_of(request), HoursForm(request.POST or None)

    def fix() -> None:
        typed = form.cleaned_data
        operations.set_hours(typed["line"], typed["hours"], starting=typed["starting"], by=by, at=clock.now())

    return _one_form(request, form, "Horaires d’une ligne", fix)


@editor
def exception(request: HttpRequest) -> HttpResponse:
    by, form = actor_of(request), ExceptionForm(request.POST or None)
    return _one_form(
        request, form, "Jour exceptionnel", lambda: operations.set_line_day(**form.cleaned_data, by=by, at=clock.now())
    )


@editor
@require_POST
def exception_clear(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    row = queries.territory(by.sas, at).closures.filter(pk=pk).first()
    if row is not None:
        told(request, lambda: operations.clear_line_day(row.line, row.day, by=by, at=at), said="Exception levée.")
    return redirect("directory:territory")


@editor
def number_new(request: HttpRequest) -> HttpResponse:
    by, form = actor_of(request), EntryNumberForm(request.POST or None)
    return _one_form(
        request,
        form,
        "Numéro d’entrée",
        lambda: operations.add_entry_number(**form.cleaned_data, by=by, at=clock.now()),
    )


@editor
@require_POST
def number_remove(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    row = queries.territory(by.sas, at).entry_numbers.filter(pk=pk).first()
    if row is not None:
        told(request, lambda: operations.remove_entry_number(row, by=by, at=at), said="Numéro retiré.")
    return redirect("directory:territory")


@editor
def neighbour_new(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    form = NeighbourForm(request.POST or None, sas=by.sas)
    return _one_form(
        request,
        form,
        "SAS voisin",
        lambda: operations.add_neighbour(form.cleaned_data["neighbour"], by=by, at=clock.now()),
    )


@editor
@require_POST
def neighbour_remove(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    row = queries.territory(by.sas, at).neighbours.filter(pk=pk).first()
    if row is not None:
        told(request, lambda: operations.remove_neighbour(row.neighbour, by=by, at=at), said="Voisin retiré.")
    return redirect("directory:territory")


def _one_form(
    request: HttpRequest, form: Form, title: str, operation: Callable[[], object], *, back: str = "directory:territory"
) -> HttpResponse:
    if form.is_bound and done(form, operation):
        return saved(request, reverse(back), said=f"{title} : enregistré.")
    return form_page(request, form, title=title, back=reverse(back))


def _words(choice: Choice) -> str:
    return _shown(choice.parameter, choice.value)


def _shown(known: Parameter, value: object) -> str:
    if value is None:
        return "selon le département"
    if known.kind is bool:
        return "oui" if value else "non"
    if known.choices:
        return dict(known.choices).get(str(value), str(value))
    if known.kind in (list, dict):
        return str(shown(known, value)).replace("\n", ", ") or "aucun"
    return (
        f"{value:g} {known.unit}".rstrip().replace(".", ",")
        if isinstance(value, (int, float))
        else str(value) or "rien"
    )
