from django.urls import path

from quinze.staffing.views import studies

app_name = "staffing"
urlpatterns = [
    path("effectifs/", studies.home, name="home"),
    path("effectifs/etudes/<slug:study>/", studies.page, name="study"),
    path("effectifs/etudes/<slug:study>/dessins/<int:number>/", studies.drawing, name="drawing"),
    path("effectifs/etudes/<slug:study>/export/<slug:kind>/", studies.export, name="export"),
]
