from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class BaseConfig(AppConfig):
    name = "quinze.base"
    label = "base"

    def ready(self) -> None:
        autodiscover_modules("constraints")
