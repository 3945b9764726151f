from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "quinze.indicators"
    label = "indicators"
