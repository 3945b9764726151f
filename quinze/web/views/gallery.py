"""The gallery of components, and what its live parts answer."""

import json
from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import public
from quinze.base import clock
from quinze.web import gallery as shown
from quinze.web.forms import GalleryForm

BASES = {"": "web/gallery.html", "page": "web/gallery_page.html", "mobile": "web/gallery_mobile.html"}


def _demonstration_only() -> None:
    if not (settings.QUINZE_DEMO or settings.DEBUG):
        raise Http404


@public
def components(request: HttpRequest, base: str = "") -> HttpResponse:
    _demonstration_only()
    now = clock.now()
    form = GalleryForm(request.POST or None)
    context = {
        "form": form,
        "rows": shown.rows(at=now),
        "near": now - timedelta(seconds=232),
        "over": now - timedelta(seconds=1067),
        "plain": now - timedelta(seconds=545),
        "long": now - timedelta(hours=26),
        "until": now + timedelta(seconds=134),
        "birth": now.date() - timedelta(days=1715),
        "geojson": shown.GEOJSON,
    }
    return render(request, BASES[base], context, status=422 if form.errors else 200)


@public
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    _demonstration_only()
    return render(request, "web/gallery_rows.html", {"rows": shown.rows(at=clock.now())})


@public
@require_GET
def motifs(request: HttpRequest) -> HttpResponse:
    _demonstration_only()
    found = shown.motifs(request.GET.get("q", ""))
    return render(request, "web/gallery_motifs.html", {"motifs": found})


@public
@require_POST
def draft(_request: HttpRequest) -> HttpResponse:
    _demonstration_only()
    return JsonResponse({"saved_at": clock.now().isoformat()})


@public
@require_POST
def toast(_request: HttpRequest) -> HttpResponse:
    _demonstration_only()
    said = {
        "kind": "ok",
        "title": "Rendez-vous confirmé.",
        "text": "SMS remis. Reste affiché jusqu’à votre prochaine touche.",
    }
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"q:toast": said})})
