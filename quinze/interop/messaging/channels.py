"""Which adapter carries a message."""

from django.conf import settings

from quinze.interop.messaging import sms_gateway, smtp
from quinze.orientation.models import Message
from quinze.orientation.operations.messages import Undeliverable

DEMONSTRATION = "boîte de démonstration"


def send(message: Message) -> str:
    """Through the channel set up. In the demonstration a channel that is not set up is the visible outbox."""
    if message.channel == "sms":
        return sms_gateway.send(message) if settings.QUINZE_SMS_URL else _not_set_up("QUINZE_SMS_URL")
    if message.channel == "mss":
        return smtp.send_secure(message) if settings.QUINZE_MSS_HOST else _not_set_up("QUINZE_MSS_HOST")
    return smtp.send(message) if settings.EMAIL_HOST else _not_set_up("QUINZE_SMTP_HOST")


def _not_set_up(setting: str) -> str:
    if settings.QUINZE_DEMO:
        return DEMONSTRATION
    raise Undeliverable(f"Canal non configuré : renseignez {setting}.")
