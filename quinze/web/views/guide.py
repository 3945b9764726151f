"""Help: guides, questions, and the search in both. Open to anyone: who cannot log in needs it too."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from quinze.accounts.access import current_actor, public
from quinze.accounts.roles import Role
from quinze.web import faq, guide, sections

LONGEST = 80


@public
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "web/help/home.html", _context(request))


@public
@require_GET
def page(request: HttpRequest, slug: str) -> HttpResponse:
    found = guide.pages().get(slug)
    if found is None:
        raise Http404("Cette page du guide n’existe pas.")
    return render(request, "web/help/page.html", _context(request) | {"page": found})


@public
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    asked, role = request.GET.get("q", "").strip()[:LONGEST], role_of(request)
    found = {
        "found": guide.find(asked, first=sections.guide_of(role)),
        "questions": faq.find(asked, role=role),
        "asked": asked,
    }
    return render(request, "web/help/search.html", _context(request) | found)


@public
@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    everyone = request.GET.get("tous") == "1"
    themes = faq.by_theme(None if everyone else role_of(request))
    return render(request, "web/help/questions.html", _context(request) | {"themes": themes, "everyone": everyone})


def role_of(request: HttpRequest) -> Role | None:
    actor = current_actor(request)
    return actor.role if actor else None


def _context(request: HttpRequest) -> dict[str, object]:
    pages = guide.pages()
    own = sections.guide_of(role_of(request))
    first = [pages[slug] for slug in (own, guide.COMMON, guide.TRAINING) if slug in pages]
    return {
        "own": pages.get(own),
        "first": list(dict.fromkeys(first)),
        "others": [page for page in pages.values() if page not in first],
        "origin": origin(request),
    }


def origin(request: HttpRequest) -> str:
    """The page that « ? » was pressed on; a name of the program, nothing that somebody typed."""
    asked = request.GET.get("page", "")
    return asked if asked in sections.SECTIONS else ""
