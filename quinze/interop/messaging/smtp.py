from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from quinze.directory.operations.secure import is_secure
from quinze.orientation.models import Message
from quinze.orientation.operations.messages import Undeliverable

PERMANENT = 500


def send(message: Message) -> str:
    """Through the SMTP relay of the settings. The number of the message is its Message-ID: sent twice, shown once."""
    _deliver(_mail(message))
    return "remis au serveur de messagerie"


def send_secure(message: Message) -> str:
    """Through the operator of MSSanté, and to a mailbox of MSSanté only: the letter names a patient."""
    if not is_secure(message.recipient):
        raise Undeliverable("Adresse hors de MSSanté : une lettre qui nomme un patient n’y part jamais.")
    connection = get_connection(
        host=settings.QUINZE_MSS_HOST,
        port=settings.QUINZE_MSS_PORT,
        username=settings.QUINZE_MSS_USER,
        password=settings.QUINZE_MSS_PASSWORD,
        use_tls=settings.QUINZE_MSS_TLS,
        timeout=settings.EMAIL_TIMEOUT,
    )
    _deliver(_mail(message, sender=settings.QUINZE_MSS_FROM or None, connection=connection))
    return "remis à l’opérateur MSSanté"


def _mail(message: Message, *, sender: str | None = None, connection: Any = None) -> EmailMessage:
    return EmailMessage(
        subject=message.subject,
        body=message.body,
        from_email=sender,
        to=[message.recipient],
        headers={"Message-ID": f"<quinze-{message.pk}@{message.sas.code.lower()}.quinze.invalid>"},
        connection=connection,
    )


def _deliver(mail: EmailMessage) -> None:
    try:
        mail.send(fail_silently=False)
    except SMTPRecipientsRefused as error:
        code, reason = next(iter(error.recipients.values()))
        raise _failure(code, reason) from error
    except SMTPDataError as error:
        raise _failure(error.smtp_code, error.smtp_error) from error
    except SMTPException as error:
        raise OSError(f"Serveur de messagerie : {error}") from error


def _failure(code: int, reason: bytes | str) -> Exception:
    words = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
    if code >= PERMANENT:
        return Undeliverable(f"Adresse refusée par le serveur : {code} {words}")
    return OSError(f"Serveur de messagerie : {code} {words}")
