"""Appointments within 72 hours of the call: the page and its table."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.indicators.queries.within import Line, Within, within_72_hours
from quinze.indicators.sheets import french_csv, percent
from quinze.indicators.spans import Span, choices, span
from quinze.science.proportions import Share

HEAD = (
    "Début", "Période de l’appel", "Réponse du médecin", "Dossiers", "Rendez-vous en 72 h par le SAS", "Part (%)",
    "De (%)", "À (%)", "dont vus", "Appelés ensuite", "Ont répondu", "Ont vu un soignant de ville en 72 h", "Part (%)",
    "De (%)", "À (%)", "Sont allés aux urgences",
)  # fmt: skip


def _lines(request: HttpRequest) -> tuple[Span, tuple[Line, ...]]:
    by = actor_of(request)
    wanted = span(sas=by.sas, at=clock.now(), asked=request.GET.get("lire", ""))
    return wanted, within_72_hours(wanted)


@requires(Capability.READ_INDICATORS)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    wanted, lines = _lines(request)
    context = {
        "span": wanted,
        "choices": choices(),
        "address": f"?lire={wanted.asked}",
        "lines": [line for line in lines if line.asked.files or line.advised.files],
        "asked": sum((line.asked for line in lines), Within()),
        "advised": sum((line.advised for line in lines), Within()),
        "at": wanted.at,
    }
    return render(request, "indicators/within.html", context)


@requires(Capability.READ_INDICATORS)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    wanted, lines = _lines(request)
    rows = [
        [f"{line.start:%d/%m/%Y}", line.label, answer, *_cells(figures)]
        for line in lines
        for answer, figures in (("rendez-vous demandé", line.asked), ("conseil", line.advised))
    ]
    return french_csv(f"72-heures-sas-{wanted.sas.code}-{wanted.starts[0]:%Y%m%d}-{wanted.at:%Y%m%d}", HEAD, rows)


def _cells(figures: Within) -> list[object]:
    first, second = _share(figures.through_sas), _share(figures.by_themselves)
    asked = [figures.called, figures.answered, figures.saw]
    return [figures.files, figures.given, *first, figures.seen, *asked, *second, figures.emergency]


def _share(share: Share) -> list[str]:
    low, high = share.interval or (None, None)
    return [percent(share.value), percent(low), percent(high)]
