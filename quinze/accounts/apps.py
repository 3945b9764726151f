from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "quinze.accounts"
    label = "accounts"
