from django.apps import AppConfig


class OrientationConfig(AppConfig):
    name = "quinze.orientation"
    label = "orientation"
