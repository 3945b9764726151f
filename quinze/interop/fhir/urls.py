"""The addresses of FHIR: among all others for who looks a name up, and alone for who answers them (middleware.py)."""

from django.urls import path

from quinze.interop.fhir import views

urlpatterns = [
    path("fhir/Slot", views.slots, name="fhir_slots"),
    path("fhir/Schedule", views.schedules, name="fhir_schedules"),
    path("fhir/Practitioner", views.practitioners, name="fhir_practitioners"),
    path("fhir/Appointment", views.appointment, name="fhir_appointments"),
    path("fhir/metadata", views.capabilities, name="fhir_metadata"),
    path("fhir/openapi.json", views.described, name="fhir_openapi"),
    path("fhir/", views.unknown, {"path": ""}, name="fhir_root"),
    path("fhir/<path:path>", views.unknown, name="fhir_unknown"),
]
