from django.urls import path

from quinze.indicators.views import use, within

app_name = "indicators"
urlpatterns = [
    path("indicateurs/", use.page, name="use"),
    path("indicateurs/recours.csv", use.export, name="use_export"),
    path("indicateurs/72-heures/", within.page, name="within"),
    path("indicateurs/72-heures.csv", within.export, name="within_export"),
    path("indicateurs/moi/", use.own, name="own"),
    path("indicateurs/moi.csv", use.own_export, name="own_export"),
]
