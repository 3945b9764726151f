from django.apps import AppConfig


class StaffingConfig(AppConfig):
    name = "quinze.staffing"
    label = "staffing"
