"""The sectors of the PDSA: read, and replaced by a list."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.accounts.forms import ListForm, refuse
from quinze.accounts.spreadsheet import read_cells
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.operations.pdsa_sectors import Given, set_pdsa_sectors
from quinze.directory.queries.territory import pdsa_sectors


@requires(Capability.EDIT_TERRITORY)
@require_http_methods(["GET", "HEAD", "POST"])
def sectors(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            given = set_pdsa_sectors(read_cells(form.content()), by=by, at=clock.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _said(given))
            return redirect("directory:pdsa_sectors")
    context = {"form": form, "sas": by.sas, "sectors": pdsa_sectors(by.sas)}
    return render(request, "directory/pdsa_sectors.html", context, status=422 if form.errors else 200)


def _said(given: Given) -> str:
    outside = f" Communes du SAS sans secteur : {given.without}." if given.without else ""
    return f"Secteurs : {given.sectors}. Communes placées : {given.communes}.{outside}"
