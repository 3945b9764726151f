from django.apps import AppConfig


class StaffingConfig(AppConfig):
    name = "quinze.staffing"
    label = "staffing"

    def ready(self) -> None:
        from quinze.staffing import handlers  # noqa: PLC0415  (models exist only once applications are ready)

        handlers.register()
