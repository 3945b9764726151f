"""A structure as its manager runs it, and the structures of a professional: members validated by both sides."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires, requires_any
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import User
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.directory import queries
from quinze.directory.forms import (
    ManagerForm,
    PersonForm,
    StructurePlaceForm,
    StructureTermsForm,
    StructureToJoinForm,
)
from quinze.directory.models import Membership, Professional, Structure
from quinze.directory.operations import emergency
from quinze.directory.operations import membership as operations
from quinze.directory.operations.structure import say_of_place, take_part
from quinze.directory.queries import membership as members
from quinze.directory.queries.delegation import professional_of
from quinze.directory.queries.emergency import nurses_of
from quinze.directory.views.answers import done, form_page, saved, told

MOST = 8
manager = requires(Capability.MANAGE_STRUCTURE)
member = requires(Capability.OWN_PARTICIPATION)
either = requires_any(Capability.MANAGE_STRUCTURE, Capability.OWN_PARTICIPATION)
namer = requires(Capability.MANAGE_ACCOUNTS)


# ---- the manager's


@manager
@require_GET
def structures(request: HttpRequest) -> HttpResponse:
    """The only one opens by itself."""
    mine = members.structures_managed(actor_of(request), at=clock.now())
    if len(mine) == 1:
        return redirect("directory:managed", mine[0].pk)
    return render(request, "directory/managed_list.html", {"structures": mine})


@manager
def managed(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    structure = members.managed(by, pk, at=at)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["professional"]
        person = form.picked(queries.professional(chosen) if chosen else None)
        if person and done(form, lambda: operations.ask_membership(structure, person, by=by, at=at)):
            messages.success(
                request, f"Proposition faite à {person} : l’appartenance commence quand il ou elle accepte."
            )
            return redirect("directory:managed", pk)
    asked = members.open_requests(structure=structure)
    context = {
        "structure": structure,
        "others": [each for each in members.structures_managed(by, at=at) if each != structure],
        "members": members.member_rows(structure, at=at),
        "places": queries.places_of(structure).filter(is_active=True),
        "participation": queries.participation(structure, by.sas, at),
        "to_answer": [each for each in asked if each.side == "professional"],
        "waiting": [each for each in asked if each.side == "structure"],
        "form": form,
    }
    return render(request, "directory/managed.html", context, status=422 if form.errors else 200)


@manager
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Professionals of the directory, while one types."""
    found = queries.search_professionals(request.GET.get("q", "")[:80], sas=actor_of(request).sas, limit=MOST)
    return render(request, "directory/people_options.html", {"people": found})


@manager
def place(request: HttpRequest, pk: int, place_pk: int) -> HttpResponse:
    """How to reach one of the structure's own places, a fixed point for instance, and what to tell the OSNP."""
    by, at = actor_of(request), clock.now()
    structure = members.managed(by, pk, at=at)
    found = queries.places_of(structure).filter(is_active=True, pk=place_pk).first()
    if found is None:
        raise NotFound("Ce lieu n’est pas un lieu de la structure.")
    form = StructurePlaceForm(request.POST) if request.method == "POST" else StructurePlaceForm.of(found)
    if form.is_bound and done(form, lambda: say_of_place(found, **form.cleaned_data, by=by, at=at)):
        return saved(request, reverse("directory:managed", args=[pk]), said="Lieu enregistré.")
    title = f"{found.name or structure.name}, {found.address}"
    return form_page(request, form, title=title, back=reverse("directory:managed", args=[pk]))


@manager
def terms(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    structure = members.managed(by, pk, at=at)
    current = queries.participation(structure, by.sas, at)
    form = StructureTermsForm(request.POST) if request.method == "POST" else StructureTermsForm.of(current)
    if form.is_bound and done(form, lambda: take_part(structure, **form.cleaned_data, by=by, at=at)):
        return saved(request, reverse("directory:managed", args=[pk]), said="Participation enregistrée.")
    return form_page(request, form, title=f"Participation, {structure}", back=reverse("directory:managed", args=[pk]))


# ---- the professional's


@member
def mine(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    person = _self(by)
    form = StructureToJoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.picked(_joinable(by, form.cleaned_data["structure"]))
        if chosen and done(form, lambda: operations.ask_membership(chosen, person, by=by, at=at)):
            messages.success(request, f"Demande faite à {chosen} : l’appartenance commence quand elle accepte.")
            return redirect("directory:my_structures")
    asked = members.open_requests(professional=person)
    context = {
        "memberships": queries.memberships_of(person, at),
        "to_answer": [each for each in asked if each.side == "structure"],
        "waiting": [each for each in asked if each.side == "professional"],
        "form": form,
    }
    return render(request, "directory/my_structures.html", context, status=422 if form.errors else 200)


def _self(by: Actor) -> Professional:
    if person := professional_of(by.user):
        return person
    raise NotFound("Votre compte n’est relié à aucun professionnel de l’annuaire.")


def _joinable(by: Actor, pk: int | None) -> Structure | None:
    return queries.structures_to_join(by.sas).filter(sas=by.sas, pk=pk).first() if pk else None


@member
@require_GET
def to_join(request: HttpRequest) -> HttpResponse:
    """Structures of the SAS, while one types."""
    by, typed = actor_of(request), request.GET.get("q", "")[:80]
    found = [each for each in queries.search_structures(typed, sas=by.sas, limit=3 * MOST) if each.sas_id == by.sas.pk]
    return render(request, "directory/structure_options.html", {"structures": found[:MOST]})


# ---- both


@either
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    return _answer(request, pk, accepted=True, said="Accepté : l’appartenance commence maintenant.")


@either
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    return _answer(request, pk, accepted=False, said="Demande écartée.")


def _answer(request: HttpRequest, pk: int, *, accepted: bool, said: str) -> HttpResponse:
    by = actor_of(request)
    asked = members.membership_request(pk)
    return _act(
        request,
        asked.structure,
        lambda: operations.answer_membership(asked, accepted=accepted, by=by, at=clock.now()),
        said=said,
    )


@either
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    row = Membership.objects.select_related("structure", "professional").filter(pk=pk).first()
    if row is None:
        raise NotFound("Cette appartenance n’existe pas.")
    return _act(
        request,
        row.structure,
        lambda: operations.end_membership(row, by=by, at=clock.now()),
        said="Appartenance terminée.",
    )


def _act(request: HttpRequest, structure: Structure, operation: Callable[[], object], *, said: str) -> HttpResponse:
    told(request, operation, said=said)
    if actor_of(request).may(Capability.MANAGE_STRUCTURE):
        return redirect("directory:managed", structure.pk)
    return redirect("directory:my_structures")


# ---- who runs it, said by the accounts manager


@namer
@require_POST
def name_manager(request: HttpRequest, pk: int) -> HttpResponse:
    return _named(request, pk, operations.name_manager, said="Gestionnaire nommé.")


@namer
@require_POST
def name_nurse(request: HttpRequest, pk: int) -> HttpResponse:
    return _named(request, pk, emergency.name_nurse, said="Infirmier d’accueil nommé.")


def _named(request: HttpRequest, pk: int, operation: Callable[..., object], *, said: str) -> HttpResponse:
    by, form = actor_of(request), ManagerForm(request.POST)
    structure = _structure(pk)

    def name() -> None:
        user = User.objects.filter(email__iexact=form.cleaned_data["email"], grants__sas=by.sas).distinct().first()
        if user is None:
            raise Refusal("Aucun compte de votre SAS n’a cette adresse : créez-le d’abord.", field="email")
        operation(structure, user, by=by, at=clock.now())

    if done(form, name):
        messages.success(request, said)
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("directory:structure", pk)


@namer
@require_POST
def remove_nurse(request: HttpRequest, pk: int, named_pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    row = nurses_of(_structure(pk), at=at).filter(pk=named_pk).first()
    if row is None:
        messages.error(request, "Cette personne n’est déjà plus infirmière d’accueil de ces urgences.")
    else:
        told(request, lambda: emergency.remove_nurse(row, by=by, at=at), said="Infirmier d’accueil retiré.")
    return redirect("directory:structure", pk)


@namer
@require_POST
def remove_manager(request: HttpRequest, pk: int, named_pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    row = members.managers_of(_structure(pk), at=at).filter(pk=named_pk).first()
    if row is None:
        messages.error(request, "Cette personne ne gère déjà plus la structure.")
    else:
        told(request, lambda: operations.remove_manager(row, by=by, at=at), said="Gestionnaire retiré.")
    return redirect("directory:structure", pk)


def _structure(pk: int) -> Structure:
    if found := queries.structure(pk):
        return found
    raise NotFound("Aucune structure de l’annuaire n’a ce numéro.")
