from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "quinze.directory"
    label = "directory"

    def ready(self) -> None:
        from quinze.directory import handlers  # noqa: PLC0415  (models exist only once applications are ready)

        handlers.register()
