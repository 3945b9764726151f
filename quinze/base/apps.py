from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "quinze.base"
    label = "base"
