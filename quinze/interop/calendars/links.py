"""The private address of a doctor's calendar: signed, without expiry, dead as soon as it is revoked or renewed."""

from django.conf import settings
from django.core import signing

from quinze.availability.models import CalendarLink
from quinze.availability.queries.feeds import live_link
from quinze.base.errors import NotFound

PURPOSE = "quinze.interop.calendars.link"


def path_of(link: CalendarLink) -> str:
    return f"/agenda/{signing.Signer(salt=PURPOSE, sep='.').sign(str(link.pk))}.ics"


def url_of(link: CalendarLink) -> str:
    return settings.QUINZE_PUBLIC_URL.rstrip("/") + path_of(link)


def opened(token: str) -> CalendarLink:
    """False, revoked and unknown are answered alike. The signature is compared in constant time, before any reading."""
    try:
        pk = int(signing.Signer(salt=PURPOSE, sep=".").unsign(token))
    except (signing.BadSignature, ValueError):
        raise _unknown() from None
    link = live_link(pk)
    if link is None:
        raise _unknown()
    return link


def _unknown() -> NotFound:
    return NotFound("Cette adresse d’agenda n’existe pas, ou a été révoquée.")
