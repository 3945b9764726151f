from django.urls import path

from quinze.availability import views
from quinze.availability.views import covers, structure

app_name = "availability"
urlpatterns = [
    path("structures/<int:pk>/ouvertures/", structure.openings, name="structure_openings"),
    path("structures/<int:pk>/ouvertures/<int:rule_pk>/fin/", structure.opening_end, name="structure_opening_end"),
    path("offre/regles/nouvelle/", views.rule_new, name="rule_new"),
    path("offre/regles/effet/", views.rule_preview, name="rule_preview"),
    path("offre/regles/<int:pk>/", views.rule, name="rule"),
    path("offre/regles/<int:pk>/fin/", views.rule_end, name="rule_end"),
    path("offre/regles/<int:pk>/rouvrir/", views.rule_restore, name="rule_restore"),
    path("offre/absence/", views.absence, name="absence"),
    path("offre/absence/maintenant/", views.absence_now, name="absence_now"),
    path("offre/absence/<int:pk>/retour/", views.absence_withdraw, name="absence_withdraw"),
    path("offre/remplacement/", covers.cover, name="cover"),
    path("offre/remplacement/<int:pk>/retirer/", covers.cover_end, name="cover_end"),
    path("offre/regulation/fermer/", covers.close_hours, name="close_hours"),
    path("offre/apercu/", views.seen, name="seen"),
    path("offre/creneaux/<int:pk>/vue/", views.slot_show, name="slot_show"),
    path("offre/reglages/", views.settings, name="settings"),
]
