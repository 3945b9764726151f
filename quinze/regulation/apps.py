from django.apps import AppConfig


class RegulationConfig(AppConfig):
    name = "quinze.regulation"
    label = "regulation"
