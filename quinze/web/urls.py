from django.urls import path

from quinze.web import views

app_name = "web"
urlpatterns = [
    path("composants/", views.components, name="gallery"),
    path("composants/page/", views.components, {"base": "page"}, name="gallery_page"),
    path("composants/mobile/", views.components, {"base": "mobile"}, name="gallery_mobile"),
    path("composants/liste/", views.rows, name="gallery_rows"),
    path("composants/motifs/", views.motifs, name="gallery_motifs"),
    path("composants/brouillon/", views.draft, name="gallery_draft"),
    path("composants/message/", views.toast, name="gallery_toast"),
]
