"""Addresses and passwords of doctors' calendars, readable by this deployment only.

The key is derived from SECRET_KEY (HKDF-SHA-256, a purpose of its own); SECRET_KEY_FALLBACKS still open what an older
key sealed. Fernet: AES-128-CBC with HMAC-SHA-256, so that a changed row is refused and never misread.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from quinze.interop.calendars.text import Unreadable

PURPOSE = b"quinze.interop.calendars"


@dataclass(frozen=True, slots=True)
class Access:
    """How a feed is opened: nothing of it is ever written in clear, nor shown again."""

    address: str
    user: str = ""
    password: str = ""


def seal(access: Access) -> str:
    return _box().encrypt(json.dumps(asdict(access)).encode()).decode()


def unseal(sealed: str) -> Access:
    try:
        return Access(**json.loads(_box().decrypt(sealed.encode())))
    except InvalidToken:
        raise Unreadable(
            "sealed", "L’adresse enregistrée ne peut plus être lue sur ce serveur : reliez à nouveau l’agenda."
        ) from None


def fingerprint(address: str) -> str:
    return hmac.digest(_derived(settings.SECRET_KEY, b".fingerprint"), address.encode(), "sha256").hex()


def _box() -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, b""))) for key in _keys()])


def _keys() -> list[str]:
    return [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]


@lru_cache(maxsize=16)
def _derived(secret: str, use: bytes) -> bytes:
    salt = hashlib.sha256(PURPOSE).digest()
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=PURPOSE + use).derive(secret.encode())
