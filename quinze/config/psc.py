"""Pro Santé Connect, from the environment. Absent: no button, people log in with their password."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SIMULATED_CLIENT = "quinze-demonstration"  # of `quinze simulate-psc`, which knows no other
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def from_environment(mode: str) -> dict[str, str] | None:
    """QUINZE_PSC_ISSUER, _DISCOVERY (when it is not under the issuer), _CLIENT_ID, _CLIENT_SECRET_FILE."""
    simulated = os.environ.get("QUINZE_PSC") == "simulator"
    if simulated and mode == "production":
        raise ImproperlyConfigured("QUINZE_PSC=simulator lets anybody be anybody: it is refused in production.")
    issuer = os.environ.get("QUINZE_PSC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    discovery = os.environ.get("QUINZE_PSC_DISCOVERY", f"{issuer}/.well-known/openid-configuration")
    for name, url in (("QUINZE_PSC_ISSUER", issuer), ("QUINZE_PSC_DISCOVERY", discovery)):
        _check(name, url, mode)
    return {
        "issuer": issuer,
        "discovery": discovery,
        "client_id": SIMULATED_CLIENT if simulated else _needed("QUINZE_PSC_CLIENT_ID"),
        "secret": SIMULATED_CLIENT if simulated else _secret(Path(_needed("QUINZE_PSC_CLIENT_SECRET_FILE"))),
    }


def _check(name: str, url: str, mode: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if mode == "production" or parts.scheme != "http" or parts.hostname not in LOOPBACK:
        raise ImproperlyConfigured(f"{name} is {url!r}: only https, or http on this machine outside production.")


def _needed(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set {name}: QUINZE_PSC_ISSUER is set.")
    return value


def _secret(file: Path) -> str:
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"QUINZE_PSC_CLIENT_SECRET_FILE cannot be read: {error}") from error
    if not secret:
        raise ImproperlyConfigured("QUINZE_PSC_CLIENT_SECRET_FILE is empty.")
    return secret
