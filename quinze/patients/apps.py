from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "quinze.patients"
    label = "patients"
