from django.urls import path

from quinze.orientation.views import charter, effecteur, public

app_name = "orientation"
urlpatterns = [
    path("charte/", charter.charter, name="charter"),
    path("charte/versions/<int:number>/", charter.charter, name="charter_version"),
    path("charte/brouillon/", charter.edit, name="charter_edit"),
    path("charte/brouillon/commencer/", charter.start, name="charter_start"),
    path("charte/brouillon/abandonner/", charter.discard, name="charter_discard"),
    path("effecteur/", effecteur.today, name="effecteur_today"),
    path("effecteur/semaine/", effecteur.week, name="effecteur_week"),
    path("effecteur/bilan/", effecteur.summary, name="effecteur_summary"),
    path("effecteur/rendez-vous/<int:pk>/issue/", effecteur.outcome, name="effecteur_outcome"),
    path("effecteur/rendez-vous/<int:pk>/annuler/", effecteur.cancel_booking, name="effecteur_cancel"),
    path("effecteur/rendez-vous/<int:pk>/corriger/", effecteur.correct, name="effecteur_correct"),
    path("rdv/<str:token>/", public.appointment, name="appointment"),
]
