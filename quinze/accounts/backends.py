"""Recognising a person by e-mail and password. Another way is another backend, which then calls entry.admit."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from quinze.accounts.models import User


class EmailBackend(ModelBackend):
    """E-mails are compared in lower case. No Django permission is ever asked: roles are grants."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        email = str(username or kwargs.get("email") or "").strip().lower()
        found = super().authenticate(request, username=email, password=password)
        return found if isinstance(found, User) else None
