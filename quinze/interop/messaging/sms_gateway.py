"""The HTTP gateway of an SMS operator: one POST per message, with its number as idempotency key."""

import httpx
from django.conf import settings

from quinze.orientation.models import Message
from quinze.orientation.operations.messages import Undeliverable

TIMEOUT = httpx.Timeout(10, connect=5)
REFUSED = frozenset({400, 404, 410, 413, 422})


def send(message: Message) -> str:
    try:
        answer = httpx.post(
            settings.QUINZE_SMS_URL,
            json={"to": message.recipient, "text": message.body, "reference": str(message.pk)},
            headers={"Authorization": f"Bearer {settings.QUINZE_SMS_TOKEN}", "Idempotency-Key": f"quinze-{message.pk}"},
            timeout=TIMEOUT,
        )
    except httpx.HTTPError as error:
        raise OSError(f"Passerelle SMS injoignable : {error}") from error
    if answer.status_code in REFUSED:
        raise Undeliverable(f"Refusé par la passerelle SMS : {answer.status_code} {answer.text[:160]}")
    if not answer.is_success:
        raise OSError(f"Passerelle SMS : {answer.status_code}")
    return "remis à la passerelle SMS"
