"""The second factor: a code of the telephone (TOTP) or a recovery code, kept by allauth.mfa."""

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction

from quinze.accounts.models import User
from quinze.base.errors import Refusal

Type = Authenticator.Type


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of telephones are useless to who reads only the database."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"quinze.accounts.second_factor" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def enrolled(user: User) -> bool:
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Type.TOTP).exists())


def new_secret() -> str:
    secret: str = generate_totp_secret()
    return secret


def enrolment_link(user: User, secret: str) -> str:
    """What the QR code says to the telephone."""
    link: str = get_adapter().build_totp_url(user, secret)
    return link


@transaction.atomic
def enrol(user: User, *, secret: str, code: str) -> list[str]:
    """Register the telephone that gives this code, in place of an earlier one. Returns the new recovery codes."""
    if not validate_totp_code(secret, code.replace(" ", "")):
        raise Refusal(
            "Ce code ne correspond pas : attendez le suivant, et vérifiez l’heure du téléphone.",
            field="code",
            code="code",
        )
    forget(user)
    TOTP.activate(user, secret)
    return renew_recovery_codes(user)


@transaction.atomic
def renew_recovery_codes(user: User) -> list[str]:
    Authenticator.objects.filter(user_id=user.pk, type=Type.RECOVERY_CODES).delete()
    codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return codes


def recovery_codes_left(user: User) -> int:
    kept = Authenticator.objects.filter(user_id=user.pk, type=Type.RECOVERY_CODES).first()
    return len(kept.wrap().get_unused_codes()) if kept else 0


def check(user: User, code: str) -> bool:
    """A code of the telephone or a recovery code; each is accepted once."""
    typed = code.replace(" ", "").replace("-", "")
    return any(kept.wrap().validate_code(typed) for kept in Authenticator.objects.filter(user_id=user.pk))


def forget(user: User) -> None:
    Authenticator.objects.filter(user_id=user.pk).delete()
