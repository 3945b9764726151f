from django.apps import AppConfig


class OrientationConfig(AppConfig):
    name = "quinze.orientation"
    label = "orientation"

    def ready(self) -> None:
        from quinze.orientation import handlers  # noqa: PLC0415  (models exist only once applications are ready)

        handlers.register()
