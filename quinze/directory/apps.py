from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "quinze.directory"
    label = "directory"
