"""Only the gallery: these tests do not depend on any desk."""

from django.urls import include, path

urlpatterns = [path("", include("quinze.web.urls"))]
