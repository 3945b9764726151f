from django.urls import path

from quinze.interop import views
from quinze.interop.calendars import views as calendars
from quinze.interop.fhir import views as fhir
from quinze.interop.lrm import views as lrm

app_name = "interop"
urlpatterns = [
    path("messages/", views.outbox, name="outbox"),
    path("offre/agendas/", calendars.calendars, name="calendars"),
    path("offre/agendas/<int:pk>/detacher/", calendars.calendar_end, name="calendar_end"),
    path("offre/agendas/<int:pk>/relire/", calendars.calendar_read, name="calendar_read"),
    path("offre/agendas/adresse/", calendars.link_renew, name="calendar_link_renew"),
    path("offre/agendas/adresse/contenu/", calendars.link_content, name="calendar_link_content"),
    path("offre/agendas/adresse/revoquer/", calendars.link_end, name="calendar_link_end"),
    path("agenda/<str:token>.ics", calendars.published, name="calendar_published"),
    path("sas/recherche", lrm.arrive, name="lrm_arrive"),  # the address that regulation software knows
    path("appels/<str:key>/", lrm.call, name="lrm_call"),
    path("fhir/metadata", fhir.capabilities, name="fhir_metadata"),
    path("fhir/Slot", fhir.slots, name="fhir_slots"),
    path("fhir/Schedule", fhir.schedules, name="fhir_schedules"),
    path("fhir/", fhir.unknown, {"path": ""}, name="fhir_root"),
    path("fhir/Practitioner", fhir.practitioners, name="fhir_practitioners"),
    path("fhir/Appointment", fhir.appointment, name="fhir_appointments"),
    path("fhir/<path:path>", fhir.unknown, name="fhir_unknown"),
]
