from django.apps import AppConfig


class InteropConfig(AppConfig):
    name = "quinze.interop"
    label = "interop"

    def ready(self) -> None:
        from quinze.interop.editors import handlers  # noqa: PLC0415  (models exist only once applications are ready)
        from quinze.interop.fhir import declaring  # noqa: PLC0415
        from quinze.interop.lrm import telling  # noqa: PLC0415

        handlers.register()
        declaring.register()
        telling.register()
