from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "quinze.web"
    label = "web"
