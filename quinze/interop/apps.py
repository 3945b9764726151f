from django.apps import AppConfig


class InteropConfig(AppConfig):
    name = "quinze.interop"
    label = "interop"
