from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.directory import operations, queries
from quinze.directory.forms import (
    IdentityForm,
    ManagerForm,
    MembershipForm,
    ParticipationForm,
    PlaceForm,
    StructureForm,
)
from quinze.directory.models import Place, Professional, Structure
from quinze.directory.models.offer import StructureKind
from quinze.directory.queries.emergency import nurses_of
from quinze.directory.queries.membership import managers_of
from quinze.directory.views.answers import done, form_page, saved, told

MOST = 30
reader = requires(Capability.READ_DIRECTORY)
editor = requires(Capability.EDIT_DIRECTORY)


@reader
def directory(request: HttpRequest) -> HttpResponse:
    """People and structures whose name answers what is typed."""
    by, typed = actor_of(request), request.GET.get("q", "")[:80].strip()
    people = queries.search_professionals(typed, sas=by.sas, limit=MOST)
    context = {
        "typed": typed,
        "people": people,
        "participating": queries.participating(people, by.sas, clock.now()),
        "structures": queries.search_structures(typed, sas=by.sas, limit=MOST) if typed else [],
        "most": MOST,
        "may_edit": by.may(Capability.EDIT_DIRECTORY),
    }
    return render(request, "directory/list.html", context)


@reader
def professional(request: HttpRequest, pk: int) -> HttpResponse:
    by, at, person = actor_of(request), clock.now(), _person(pk)
    context = {
        "person": person,
        "places": queries.places_of(person),
        "memberships": queries.memberships_of(person, at),
        "participation": queries.participation(person, by.sas, at),
        "history": queries.participations_of(person, by.sas),
        "journal": queries.journal_of(person),
        "sas": by.sas,
        "may_edit": by.may(Capability.EDIT_DIRECTORY),
    }
    return render(request, "directory/professional.html", context)


@reader
def structure(request: HttpRequest, pk: int) -> HttpResponse:
    by, at, found = actor_of(request), clock.now(), _structure(pk)
    context = {
        "structure": found,
        "places": queries.places_of(found),
        "members": queries.members_of(found, at),
        "participation": queries.participation(found, by.sas, at),
        "history": queries.participations_of(found, by.sas),
        "journal": queries.journal_of(found),
        "sas": by.sas,
        "managers": managers_of(found, at=at),
        "nurses": nurses_of(found, at=at) if found.kind == StructureKind.ED else None,
        "may_name": by.may(Capability.MANAGE_ACCOUNTS) and found.sas_id == by.sas.pk,
        "manager_form": ManagerForm(),
        "nurse_form": ManagerForm(auto_id="nurse_%s"),
        "may_edit": by.may(Capability.EDIT_DIRECTORY) and found.sas_id in (None, by.sas.pk),
    }
    return render(request, "directory/structure.html", context)


@editor
def professional_new(request: HttpRequest) -> HttpResponse:
    by, form = actor_of(request), IdentityForm(request.POST or None)
    made: list[Professional] = []
    if form.is_bound and done(
        form, lambda: made.append(operations.create_professional(form.identity(), by=by, at=clock.now()))
    ):
        return saved(request, _sheet(made[0]), said="Fiche créée.")
    return form_page(request, form, title="Nouveau professionnel", back=reverse("directory:list"))


@editor
def professional_edit(request: HttpRequest, pk: int) -> HttpResponse:
    by, person = actor_of(request), _person(pk)
    form = IdentityForm(request.POST) if request.method == "POST" else IdentityForm.of(person)
    if form.is_bound and done(
        form,
        lambda: operations.change_professional(person, form.identity(idnps=person.idnps or ""), by=by, at=clock.now()),
    ):
        return saved(request, _sheet(person), said="Fiche modifiée.")
    return form_page(request, form, title=f"Fiche de {_person(pk)}", back=_sheet(person))


@editor
def structure_new(request: HttpRequest) -> HttpResponse:
    by, form = actor_of(request), StructureForm(request.POST or None)
    made: list[Structure] = []
    if form.is_bound and done(
        form, lambda: made.append(operations.create_structure(**form.cleaned_data, by=by, at=clock.now()))
    ):
        return saved(request, _sheet(made[0]), said="Structure créée.")
    return form_page(request, form, title="Nouvelle structure", back=reverse("directory:list"))


@editor
def structure_edit(request: HttpRequest, pk: int) -> HttpResponse:
    by, found = actor_of(request), _structure(pk)
    form = StructureForm(request.POST) if request.method == "POST" else StructureForm.of(found)
    if form.is_bound and done(
        form, lambda: operations.change_structure(found, **form.cleaned_data, by=by, at=clock.now())
    ):
        return saved(request, _sheet(found), said="Structure modifiée.")
    return form_page(request, form, title=f"Structure {found}", back=_sheet(found))


@editor
def place_new(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    by, owner, form = actor_of(request), _owner(kind, pk), PlaceForm(request.POST or None)
    if form.is_bound and done(form, lambda: operations.add_place(owner, form.place(), by=by, at=clock.now())):
        return saved(request, _sheet(owner), said="Lieu ajouté.")
    return form_page(request, form, title=f"Nouveau lieu de {owner}", back=_sheet(owner))


@editor
def place_edit(request: HttpRequest, pk: int) -> HttpResponse:
    by, place = actor_of(request), _place(pk)
    owner = place.professional or place.structure
    form = PlaceForm(request.POST) if request.method == "POST" else PlaceForm.of(place)
    if form.is_bound and done(
        form, lambda: operations.change_place(place, form.place(kept=place), by=by, at=clock.now())
    ):
        return saved(request, _sheet(owner), said="Lieu modifié.")
    return form_page(request, form, title=f"Lieu de {owner}", back=_sheet(owner))


@editor
@require_POST
def place_close(request: HttpRequest, pk: int) -> HttpResponse:
    by, place = actor_of(request), _place(pk)
    told(request, lambda: operations.close_place(place, by=by, at=clock.now()), said="Lieu fermé.")
    return redirect(_sheet(place.professional or place.structure))


@editor
def participation(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    by, owner = actor_of(request), _owner(kind, pk)
    if request.method == "POST":
        form = ParticipationForm(request.POST, sas=by.sas)
    else:
        via = "individual" if kind == "professionnels" else "structure"
        form = ParticipationForm.of(queries.participation(owner, by.sas, clock.now()), sas=by.sas, via=via)
    if form.is_bound and done(form, lambda: operations.set_participation(owner, form.terms(), by=by, at=clock.now())):
        return saved(request, _sheet(owner), said="Participation enregistrée.")
    return form_page(request, form, title=f"Participation de {owner}", back=_sheet(owner))


@editor
@require_POST
def participation_end(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    by, owner = actor_of(request), _owner(kind, pk)
    told(request, lambda: operations.end_participation(owner, by=by, at=clock.now()), said="Participation terminée.")
    return redirect(_sheet(owner))


@editor
def membership_new(request: HttpRequest, pk: int) -> HttpResponse:
    by, person = actor_of(request), _person(pk)
    form = MembershipForm(request.POST or None, sas=by.sas)
    if form.is_bound and done(
        form, lambda: operations.join_structure(person, form.cleaned_data["structure"], by=by, at=clock.now())
    ):
        return saved(request, _sheet(person), said="Appartenance ajoutée.")
    return form_page(request, form, title=f"Structure de {person}", back=_sheet(person))


@editor
@require_POST
def membership_end(request: HttpRequest, pk: int, membership_pk: int) -> HttpResponse:
    by, person, at = actor_of(request), _person(pk), clock.now()
    row = queries.memberships_of(person, at).filter(pk=membership_pk).first()
    if row is None:
        messages.error(request, "Cette appartenance est déjà terminée.")
    else:
        told(request, lambda: operations.leave_structure(row, by=by, at=at), said="Appartenance terminée.")
    return redirect(_sheet(person))


def _person(pk: int) -> Professional:
    if found := queries.professional(pk):
        return found
    raise Http404("Aucun professionnel de l’annuaire n’a ce numéro.")


def _structure(pk: int) -> Structure:
    if found := queries.structure(pk):
        return found
    raise Http404("Aucune structure de l’annuaire n’a ce numéro.")


def _owner(kind: str, pk: int) -> Professional | Structure:
    return _person(pk) if kind == "professionnels" else _structure(pk)


def _place(pk: int) -> Place:
    if found := queries.place(pk):
        return found
    raise Http404("Aucun lieu de l’annuaire n’a ce numéro.")


def _sheet(owner: Professional | Structure | None) -> str:
    if isinstance(owner, Professional):
        return reverse("directory:professional", args=[owner.pk])
    return reverse("directory:structure", args=[owner.pk]) if owner else reverse("directory:list")
