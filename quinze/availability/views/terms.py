"""What the doctor accepts, and shows."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from quinze.accounts.access import requires
from quinze.accounts.capabilities import Capability
from quinze.availability import queries
from quinze.availability.forms import TermsForm
from quinze.availability.views.desk import desk_of, leave
from quinze.base.errors import Refusal
from quinze.directory.operations.participation import Terms, set_participation


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
            return leave(request, reverse("availability:settings"))
    context = {"form": form, "seen": seen, "hidden": dict(seen.hidden)}
    return render(request, "availability/settings.html", context, status=422 if form.errors else 200)
