"""Use of the orientation by regulating doctors and OSNP: the SAS's, and each one's own."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from quinze.accounts.access import actor_of, requires, requires_any
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.indicators.queries.use import FEWEST, LEAST, Figures, Gave, OfPeriod, Use, use_of_orientation
from quinze.indicators.sheets import french_csv, percent
from quinze.indicators.spans import Span, choices, span

OWN = (Capability.REGULATE_AMU, Capability.REGULATE_SNP, Capability.ORIENT)
HEAD = (
    "Début",
    "Période",
    "Qui",
    "Rôle",
    "Dossiers SNP décidés",
    "Adressés à un rendez-vous",
    "Part adressée (%)",
    "De (%)",
    "À (%)",
    "Rendez-vous donnés",
    "Patients vus",
    "Patients non vus",
    "Issue pas connue",
    "Autre orientation",
    "Moyen envoyé",
    "Conseil ou ordonnance",
    "Annulés",
)
DOCTOR, OSNP = "Médecin régulateur", "OSNP"


@requires(Capability.READ_INDICATORS)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    by, found = _found(request)
    names = by.may(Capability.READ_USE_BY_PERSON)
    return render(request, "indicators/use.html", _context(found) | _readable(found, names=names) | {"names": names})


@requires_any(*OWN)
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    by, found = _found(request, own=True)
    context = _context(found) | {
        "periods": found.begun,
        "use": found.use,
        "gave": found.gave,
        "decides": not by.may(Capability.ORIENT),
    }
    return render(request, "indicators/own.html", context)


def _found(request: HttpRequest, *, own: bool = False) -> tuple[Actor, Figures]:
    by = actor_of(request)
    wanted = span(sas=by.sas, at=clock.now(), asked=request.GET.get("lire", ""))
    return by, use_of_orientation(wanted, person=by.user if own else None)


def _context(found: Figures) -> dict[str, Any]:
    wanted = found.span
    return {
        "found": found,
        "span": wanted,
        "choices": choices(),
        "address": f"?lire={wanted.asked}",
        "least": LEAST,
        "fewest": FEWEST,
        "at": wanted.at,
    }


def _readable(found: Figures, *, names: bool) -> dict[str, Any]:
    """Without the right to names, the total of one or two people is theirs: it is neither shown nor added."""
    shown = [period for period in found.periods if names or not period.hides]
    return {
        "periods": found.begun,
        "use": sum((period.use for period in shown), Use()),
        "gave": sum((period.gave for period in shown), Gave()),
        "hidden": 0 if names else sum(period.hides for period in found.periods),
    }


@requires(Capability.READ_INDICATORS)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """One line for each period; then, for who may read names, one for each person over the whole span."""
    by, found = _found(request)
    names = by.may(Capability.READ_USE_BY_PERSON)
    lines = [line for period in found.periods if names or not period.hides for line in _of_period(period, "le SAS")]
    if names:
        lines += _of_people(found)
    return french_csv(_file("recours", found.span), HEAD, lines)


@requires_any(*OWN)
@require_GET
def own_export(request: HttpRequest) -> HttpResponse:
    by, found = _found(request, own=True)
    lines = (line for period in found.periods for line in _of_period(period, str(by.user)))
    return french_csv(_file("mes-chiffres", found.span), HEAD, lines)


def _file(name: str, wanted: Span) -> str:
    return f"{name}-sas-{wanted.sas.code}-{wanted.starts[0]:%Y%m%d}-{wanted.at:%Y%m%d}"


def _of_period(period: OfPeriod, who: str) -> Iterator[list[object]]:
    when = [f"{period.start:%d/%m/%Y}", period.label, who]
    if period.doctors:
        yield [*when, DOCTOR, *_use(period.use)]
    if period.osnps:
        yield [*when, OSNP, *_gave(period.gave)]


def _of_people(found: Figures) -> Iterable[list[object]]:
    when = [f"{found.span.starts[0]:%d/%m/%Y}", "toute la période"]
    for person in found.doctors:
        yield [*when, person.name, DOCTOR, *_use(person.use)]
    for person in found.osnps:
        yield [*when, person.name, OSNP, *_gave(person.gave)]


def _use(use: Use) -> list[object]:
    share = use.share
    low, high = (share.interval if share else None) or (None, None)
    shares = [percent(value) for value in (share.value if share else None, low, high)]
    fate = [use.given, use.seen, use.missed, use.unknown]
    return [use.decided, use.asked, *shares, *fate, use.elsewhere, use.sent, use.advised, ""]


def _gave(gave: Gave) -> list[object]:
    return ["", "", "", "", "", gave.given, gave.seen, gave.missed, gave.unknown, "", "", "", gave.cancelled]
