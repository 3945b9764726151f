"""A link that lets a patient cancel without an account: signed, for one appointment, dead when it is over."""

from django.conf import settings
from django.core import signing

from quinze.base.errors import Refusal

PURPOSE = "quinze.orientation.cancel"


def cancel_token(booking_pk: int) -> str:
    return signing.Signer(salt=PURPOSE, sep=".").sign(str(booking_pk))


def booking_pk(token: str) -> int:
    try:
        return int(signing.Signer(salt=PURPOSE, sep=".").unsign(token))
    except (signing.BadSignature, ValueError):
        raise Refusal(
            "Ce lien est incomplet ou altéré. Ouvrez-le depuis le message reçu, ou rappelez le SAS.", code="bad_link"
        ) from None


def cancel_path(booking_pk: int) -> str:
    return f"/rdv/{cancel_token(booking_pk)}/"


def cancel_url(booking_pk: int) -> str:
    return settings.QUINZE_PUBLIC_URL.rstrip("/") + cancel_path(booking_pk)
