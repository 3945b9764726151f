"""What the referring doctors hear of consultations: letters to post, objections, people without a referring doctor."""

import json
from pathlib import Path

import typst
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires, requires_any
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.models import Place
from quinze.orientation import colleague, queries
from quinze.orientation.models import ReferringNotice
from quinze.orientation.operations.informing import consultation, record_objection, record_posted
from quinze.orientation.queries import informing
from quinze.patients.operations import record_access, record_accesses
from quinze.patients.queries import display_name

TEMPLATE = Path(__file__).parents[1] / "printed" / "referring.typ"


@requires(Capability.ORIENT)
@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    waiting, without = informing.to_post(sas=by.sas), informing.without_referring(sas=by.sas, at=at)
    opened = [(each.booking.request.case_number, each.patient) for each in (*waiting, *without)]
    record_accesses(by=by, at=at, kind="orientation", opened=opened, why="médecins traitants")
    context = {
        "waiting": [(each, display_name(each.patient)) for each in waiting],
        "without": [(each, display_name(each.patient)) for each in without],
        "at": at,
    }
    return render(request, "orientation/referring_letters.html", context)


@requires(Capability.ORIENT)
@require_GET
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    notice = informing.notice_of(sas=by.sas, pk=pk)
    number = notice.booking.request.case_number
    record_access(
        by=by, at=at, kind="letter", reference=number, patient=notice.patient, why="lettre au médecin traitant"
    )
    response = HttpResponse(_pdf(notice), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="lettre-{notice.pk}.pdf"'
    return response


def _pdf(notice: ReferringNotice) -> bytes:
    seen = consultation(notice.booking, notice.patient)
    doctor = notice.professional
    place = (
        Place.objects.filter(professional=doctor).select_related("commune").order_by("pk").first() if doctor else None
    )
    data = {
        "title": "Lettre au médecin traitant",
        "sas": seen.sas,
        "doctor": str(doctor or notice.name),
        "address": ", ".join(filter(None, (place.address, place.commune.name))) if place else "",
        "day": f"{localtime(notice.at):%d/%m/%Y}",
        "sentence": colleague.sentence(seen),
        "after": colleague.AFTER,
        "right": colleague.RIGHT,
        "demo": "DÉMONSTRATION" if settings.QUINZE_DEMO else "",
    }
    pdf: bytes = typst.compile(str(TEMPLATE), sys_inputs={"data": json.dumps(data, ensure_ascii=False)})
    return pdf


@requires(Capability.ORIENT)
@require_POST
def posted(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    try:
        record_posted(notice=informing.notice_of(sas=by.sas, pk=pk), by=by, at=clock.now())
        messages.success(request, "Noté : la lettre est au courrier.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("orientation:referring_letters")


@requires(Capability.ORIENT)
@require_POST
def choice(request: HttpRequest, pk: int) -> HttpResponse:
    """What the person says by telephone: inform their referring doctor, or not."""
    by, wanted = actor_of(request), request.POST.get("opposition") == "oui"
    booking = queries.booking_of(sas=by.sas, pk=pk)
    record_objection(booking=booking, wanted=wanted, by=by, at=clock.now())
    said = "n’en sera pas informé" if wanted else "en sera informé"
    messages.success(request, f"Noté : son médecin traitant {said}.")
    return redirect("orientation:booking", pk)


@requires_any(Capability.READ_INDICATORS, Capability.MANAGE_ACCOUNTS)
@require_GET
def without(request: HttpRequest) -> HttpResponse:
    """How many, in which CPTS; nobody is named."""
    by, at = actor_of(request), clock.now()
    context = {"rows": informing.by_cpts(sas=by.sas, at=at), "fewest": informing.FEWEST, "at": at}
    return render(request, "orientation/without_referring.html", context)
