from django.urls import path

from quinze.regulation.views import arm, lists

app_name = "regulation"
urlpatterns = [
    path("arm/", arm.desk, name="arm"),
    path("arm/ouvrir/", arm.open_case, name="open_case"),
    path("arm/liste/", arm.worklist, name="arm_worklist"),
    path("arm/<str:number>/", arm.case, name="arm_case"),
    path("arm/<str:number>/gestes/<str:name>/", arm.act, name="act"),
    path("dossiers/<str:number>/brouillon/", arm.draft, name="draft"),
    path("dossiers/<str:number>/p0/", arm.red_flag, name="red_flag"),
    path("dossiers/<str:number>/connu/", arm.known, name="known"),
    path("listes/motifs/", lists.reasons, name="reasons"),
    path("listes/natures/", lists.circumstances, name="circumstances"),
    path("listes/communes/", lists.communes, name="communes"),
    path("listes/adresses/", lists.addresses, name="addresses"),
    path("listes/medecins/", lists.doctors, name="doctors"),
]
