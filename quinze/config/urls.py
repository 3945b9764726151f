"""Where each folder's pages are."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("quinze.accounts.urls")),
    path("", include("quinze.directory.urls")),
    path("", include("quinze.regulation.urls")),
    path("", include("quinze.availability.urls")),
    path("", include("quinze.orientation.urls")),
    path("", include("quinze.staffing.urls")),
    path("", include("quinze.indicators.urls")),
    path("", include("quinze.interop.urls")),
    path("", include("quinze.web.urls")),
]

handler400 = "quinze.interop.fhir.views.bad_request"
