"""What the fields of a case file propose while one types: options only, from local data."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quinze.accounts.access import actor_of, requires_any
from quinze.accounts.capabilities import Capability
from quinze.base.codes import Code, search
from quinze.directory.queries import search_communes, search_professionals
from quinze.regulation.queries.typed import known_addresses
from quinze.science.ranking import NURSE

TYPING = (Capability.TAKE_CALL, Capability.REGULATE_AMU, Capability.REGULATE_SNP, Capability.ORIENT)
PLACING = (*TYPING, Capability.REORIENT)  # where somebody goes from is said at an emergency department too
LONGEST = 80
MOST = 8


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "")[:LONGEST].strip()


@requires_any(*TYPING)
def reasons(request: HttpRequest) -> HttpResponse:
    """The list in force first, then what only the former one has."""
    found = search("reasons", _typed(request))
    former = search("reasons_hub", _typed(request), limit=MOST)
    return _codes(request, [*found[: MOST - len(former[:2])], *former][:MOST], stem="reason", words="motif")


@requires_any(*TYPING)
def circumstances(request: HttpRequest) -> HttpResponse:
    return _codes(request, search("circumstances", _typed(request)), stem="circumstance", words="nature")


def _codes(request: HttpRequest, found: list[Code], *, stem: str, words: str) -> HttpResponse:
    context = {"codes": found, "stem": stem, "words": words, "typed": _typed(request)}
    return render(request, "regulation/options_codes.html", context)


@requires_any(*PLACING)
def communes(request: HttpRequest) -> HttpResponse:
    found = search_communes(_typed(request), sas=actor_of(request).sas)
    return render(request, "regulation/options_communes.html", {"communes": found})


@requires_any(*TYPING)
def addresses(request: HttpRequest) -> HttpResponse:
    found = known_addresses(_typed(request), by=actor_of(request))
    return render(request, "regulation/options_addresses.html", {"addresses": found})


@requires_any(*TYPING)
def doctors(request: HttpRequest) -> HttpResponse:
    found = search_professionals(_typed(request), sas=actor_of(request).sas)
    return render(request, "regulation/options_doctors.html", {"doctors": found, "fills": "referring_doctor"})


@requires_any(*TYPING)
def nurses(request: HttpRequest) -> HttpResponse:
    found = search_professionals(_typed(request), sas=actor_of(request).sas, profession=NURSE)
    return render(request, "regulation/options_doctors.html", {"doctors": found, "fills": "referring_nurse"})
