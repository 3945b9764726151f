from django.urls import path

from quinze.interop import views
from quinze.interop.calendars import views as calendars
from quinze.interop.editors import views as editors
from quinze.interop.fhir import declared_views, received_views
from quinze.interop.fhir import urls as fhir
from quinze.interop.lrm import rdv_views
from quinze.interop.lrm import views as lrm

app_name = "interop"
urlpatterns = [
    path("messages/", views.outbox, name="outbox"),
    path("editeurs/", editors.health, name="editors"),
    path("editeurs/comptes/", editors.retry, name="editor_accounts"),
    path("offre/agendas/", calendars.calendars, name="calendars"),
    path("offre/agendas/<int:pk>/detacher/", calendars.calendar_end, name="calendar_end"),
    path("offre/agendas/<int:pk>/relire/", calendars.calendar_read, name="calendar_read"),
    path("offre/agendas/adresse/", calendars.link_renew, name="calendar_link_renew"),
    path("offre/agendas/adresse/contenu/", calendars.link_content, name="calendar_link_content"),
    path("offre/agendas/adresse/revoquer/", calendars.link_end, name="calendar_link_end"),
    path("agenda/<str:token>.ics", calendars.published, name="calendar_published"),
    path("sas/recherche", lrm.arrive, name="lrm_arrive"),  # the address that regulation software knows
    path("appels/<str:key>/", lrm.call, name="lrm_call"),
    path("suivi/editeurs/", received_views.received, name="received"),
    path("suivi/editeurs/<uuid:pk>/", received_views.received_one, name="received_one"),
    path("suivi/editeurs/<uuid:pk>/sans-orientation/", received_views.received_aside, name="received_aside"),
    path("plateforme/rendez-vous/", declared_views.declared, name="declared"),
    path("plateforme/rendez-vous/<int:pk>/renvoyer/", declared_views.declare_again, name="declare_again"),
    path("plateforme/rendez-vous/renvoyer/", declared_views.declare_all_again, name="declare_all_again"),
    path("suivi/plateforme/", rdv_views.waiting, name="rdv"),
    path("suivi/plateforme/<int:pk>/", rdv_views.one, name="rdv_one"),
    path("suivi/plateforme/<int:pk>/rattacher/", rdv_views.join, name="rdv_join"),
    path("suivi/plateforme/<int:pk>/sans-dossier/", rdv_views.none, name="rdv_none"),
    *fhir.urlpatterns,
]
