"""A list of accounts from a spreadsheet: read, shown with what is refused, loaded whole once confirmed."""

import csv
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quinze.accounts import operations, queries
from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.forms import ListForm, refuse
from quinze.accounts.roles import Role
from quinze.accounts.roster import HEADER, Line, lines_of
from quinze.accounts.rules import roles_given_by
from quinze.accounts.spreadsheet import read_cells
from quinze.base import clock
from quinze.base.errors import Refusal

KEPT = "accounts_to_import"
manager = requires(Capability.MANAGE_ACCOUNTS)
EXAMPLE = ("Vonne", "Nadia", "", "nadia.vonne@exemple.fr", "OSNP", "", "", "")


@manager
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Nothing is written here: the lines wait in the session of who sent them."""
    by = actor_of(request)
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            lines = _read(form.content(), by)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            good = [line for line in lines if not line.refused]
            request.session[KEPT] = {"sas": by.sas.pk, "lines": [line.plain() for line in good]}
            return _preview(request, lines)
    context = {"form": form, "header": HEADER, "roles": roles_given_by(by.role)}
    return render(request, "accounts/import.html", context, status=422 if form.errors else 200)


def _read(content: bytes, by: Actor) -> list[Line]:
    cells = read_cells(content)
    today = clock.now().astimezone(ZoneInfo(by.sas.zone)).date()
    known = queries.addresses_in(by.sas, {cell.lower() for row in cells for cell in row if "@" in cell})
    return lines_of(cells, giver=by.role, today=today, known=known)


def _preview(request: HttpRequest, lines: list[Line], *, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        "good": [line for line in lines if not line.refused],
        "refused": [line for line in lines if line.refused],
        "refusal": refusal,
    }
    return render(request, "accounts/import_preview.html", context, status=422 if refusal else 200)


@manager
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """All the lines shown as good, or none. Invitations leave one by one, behind."""
    by, kept = actor_of(request), request.session.get(KEPT)
    if not kept or kept["sas"] != by.sas.pk or not kept["lines"]:
        messages.error(request, "Il n’y a plus de liste en attente : envoyez le fichier de nouveau.")
        return redirect("accounts:import")
    lines = [Line.of(plain) for plain in kept["lines"]]
    try:
        made = operations.import_accounts(lines, sas=by.sas, by=by, at=clock.now())
    except Refusal as refusal:
        return _preview(request, lines, refusal=refusal)
    del request.session[KEPT]
    messages.success(request, f"{len(made)} comptes créés ou rattachés. Les invitations partent une à une.")
    return redirect("accounts:list")


@manager
@require_GET
def model(_request: HttpRequest) -> HttpResponse:
    """The titles of the columns, and one line to replace."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="comptes-modele.csv"'
    csv.writer(response, delimiter=";").writerows([HEADER, (*EXAMPLE[:4], Role.OSNP.label, *EXAMPLE[5:])])
    return response
