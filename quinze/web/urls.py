from django.urls import path

from quinze.web.views import gallery, guide

app_name = "web"
urlpatterns = [
    path("aide/", guide.home, name="help"),
    path("aide/chercher/", guide.search, name="help_search"),
    path("aide/questions/", guide.questions, name="questions"),
    path("aide/<slug:slug>/", guide.page, name="guide"),
    path("composants/", gallery.components, name="gallery"),
    path("composants/page/", gallery.components, {"base": "page"}, name="gallery_page"),
    path("composants/mobile/", gallery.components, {"base": "mobile"}, name="gallery_mobile"),
    path("composants/liste/", gallery.rows, name="gallery_rows"),
    path("composants/motifs/", gallery.motifs, name="gallery_motifs"),
    path("composants/brouillon/", gallery.draft, name="gallery_draft"),
    path("composants/message/", gallery.toast, name="gallery_toast"),
]
