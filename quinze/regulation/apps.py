from django.apps import AppConfig


class RegulationConfig(AppConfig):
    name = "quinze.regulation"
    label = "regulation"

    def ready(self) -> None:
        from quinze.regulation import handlers  # noqa: PLC0415  (models exist only once applications are ready)

        handlers.register()
