from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from django.core.mail import EmailMessage

from quinze.orientation.models import Message
from quinze.orientation.operations.messages import Undeliverable

PERMANENT = 500


def send(message: Message) -> str:
    """Through the SMTP relay of the settings. The number of the message is its Message-ID: sent twice, shown once."""
    mail = EmailMessage(
        subject=message.subject,
        body=message.body,
        to=[message.recipient],
        headers={"Message-ID": f"<quinze-{message.pk}@{message.sas.code.lower()}.quinze.invalid>"},
    )
    try:
        mail.send(fail_silently=False)
    except SMTPRecipientsRefused as error:
        code, reason = next(iter(error.recipients.values()))
        raise _failure(code, reason) from error
    except SMTPDataError as error:
        raise _failure(error.smtp_code, error.smtp_error) from error
    except SMTPException as error:
        raise OSError(f"Serveur de messagerie : {error}") from error
    return "remis au serveur de messagerie"


def _failure(code: int, reason: bytes | str) -> Exception:
    words = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
    if code >= PERMANENT:
        return Undeliverable(f"Adresse refusée par le serveur : {code} {words}")
    return OSError(f"Serveur de messagerie : {code} {words}")
