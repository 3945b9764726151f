"""The words by which somebody agrees to be written to, and the link by which they take it back.

A text that was shown once is never edited: what people ticked must stay readable word for word. A change is one more
version at the end of TEXTS; each consent keeps the version and the words.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

from quinze.base.errors import Refusal

KEPT = timedelta(days=730)  # a consent is given for two years, then asked again
TO_CONFIRM = timedelta(days=7)
PURPOSE = "quinze.directory.consent"


@dataclass(frozen=True, slots=True)
class Text:
    version: str
    words: str

    def said(self, sas: object) -> str:
        return self.words.format(sas=sas)


TEXTS = (
    Text(
        "2026-11",
        "J’accepte que le {sas} garde mes nom, profession et coordonnées pendant deux ans, pour m’informer et me "
        "proposer de participer au service d’accès aux soins comme effecteur, et pour rien d’autre. Ils ne sont "
        "transmis à personne en dehors du SAS et de ceux qui envoient ses messages pour lui. Je peux me retirer à tout "
        "moment, en un appui, par le lien de chaque message : mes coordonnées sont alors effacées aussitôt.",
    ),
)


def text_in_force() -> Text:
    return TEXTS[-1]


def fingerprint(email: str) -> str:
    """Says « already there », and proves a consent of an address that was erased, without keeping the address."""
    return salted_hmac(PURPOSE, email.strip().lower(), algorithm="sha256").hexdigest()


def link_of(contact_pk: int) -> str:
    token = signing.Signer(salt=PURPOSE, sep=".").sign(str(contact_pk))
    return f"{settings.QUINZE_PUBLIC_URL.rstrip('/')}/devenir-effecteur/lien/{token}/"


def contact_pk(token: str) -> int:
    try:
        return int(signing.Signer(salt=PURPOSE, sep=".").unsign(token))
    except (signing.BadSignature, ValueError):
        raise Refusal("Ce lien est incomplet ou altéré. Ouvrez-le depuis le message reçu.", code="bad_link") from None


def public_url(sas_code: str) -> str:
    return f"{settings.QUINZE_PUBLIC_URL.rstrip('/')}/devenir-effecteur/{sas_code}/"
