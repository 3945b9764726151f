from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from quinze.accounts.actor import Actor
from quinze.accounts.invitations import invitation_token
from quinze.accounts.models import AccountEvent, Sas, User
from quinze.accounts.operations import authority
from quinze.base.errors import Refusal


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link to choose one's password: signed, used once, for three days; a newer one makes it void."""

    user: User
    sas: Sas
    link: str

    def send(self) -> None:
        """Raises OSError when the mail server does not take it."""
        text = render_to_string("accounts/invitation_mail.txt", {"user": self.user, "sas": self.sas, "link": self.link})
        send_mail(f"Votre accès à Quinze, {self.sas}", text, settings.DEFAULT_FROM_EMAIL, [self.user.email])


@transaction.atomic
def invite(user: User, *, sas: Sas, by: Actor | None, at: datetime) -> Invitation:
    authority.check_manages_account(by, user, sas, at=at)
    if not user.is_active:
        raise Refusal("Ce compte est suspendu : rouvrez-le avant de l’inviter.", code="suspended")
    return write_invitation(user, sas=sas, by=by, at=at)


def write_invitation(user: User, *, sas: Sas, by: Actor | None, at: datetime) -> Invitation:
    """For operations that have checked who asks."""
    authority.trace(AccountEvent.Kind.INVITED, user, sas, by=by, at=at, detail=user.email)
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("accounts:invitation", args=[uid, invitation_token.make_token(user)])
    return Invitation(user=user, sas=sas, link=settings.QUINZE_PUBLIC_URL.rstrip("/") + path)
