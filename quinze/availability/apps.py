from django.apps import AppConfig


class AvailabilityConfig(AppConfig):
    name = "quinze.availability"
    label = "availability"
