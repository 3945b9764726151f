"""Links that let a patient cancel, or stop reminders, without an account: signed, each for one purpose alone. And
the link by which an OSNP goes to the agenda of an editor.
"""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.core import signing

from quinze.base.errors import Refusal

PURPOSE = "quinze.orientation.cancel"
STOP = "quinze.orientation.stop"
ALTERED = "Ce lien est incomplet ou altéré. Ouvrez-le depuis le message reçu, ou rappelez le SAS."


def cancel_token(booking_pk: int) -> str:
    return signing.Signer(salt=PURPOSE, sep=".").sign(str(booking_pk))


def booking_pk(token: str) -> int:
    return _signed(token, PURPOSE)


def stopped_booking_pk(token: str) -> int:
    return _signed(token, STOP)


def _signed(token: str, purpose: str) -> int:
    try:
        return int(signing.Signer(salt=purpose, sep=".").unsign(token))
    except (signing.BadSignature, ValueError):
        raise Refusal(ALTERED, code="bad_link") from None


def stop_path(booking_pk: int) -> str:
    return f"/rdv/rappels/{signing.Signer(salt=STOP, sep='.').sign(str(booking_pk))}/"


def stop_url(booking_pk: int) -> str:
    return page_url(stop_path(booking_pk))


def cancel_path(booking_pk: int) -> str:
    return f"/rdv/{cancel_token(booking_pk)}/"


def cancel_url(booking_pk: int) -> str:
    return page_url(cancel_path(booking_pk))


def page_url(path: str) -> str:
    """A page of ours, as a message writes it."""
    return settings.QUINZE_PUBLIC_URL.rstrip("/") + path


def with_origin(url: str) -> str:
    """An editor lets a regulator in only with `origin=sas…`: ours takes the place of any that is there."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "origin"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("origin", settings.QUINZE_SAS_ORIGIN)])))
