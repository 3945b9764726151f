from django.urls import path

from quinze.interop import views

app_name = "interop"
urlpatterns = [path("messages/", views.outbox, name="outbox")]
