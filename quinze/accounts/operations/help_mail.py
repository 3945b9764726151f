"""What is written by mail about a question: to who answers, that one waits; to who asked, the answer itself."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse

from quinze.accounts.models import HelpMessage, HelpRequest, User
from quinze.accounts.queries import people_of_role
from quinze.accounts.roles import Role

MOST = 20


def tell_help_desk(*, request: int, at: datetime) -> int:
    """How many were written to. The words of the question stay in Quinze: who asked may have said too much."""
    found = HelpRequest.objects.select_related("sas", "taken_by").filter(pk=request).first()
    if found is None:
        return 0
    people = [found.taken_by] if found.taken_by else list(people_of_role(found.sas, Role(found.desk), at=at)[:MOST])
    return _send("help_desk_mail.txt", f"Demande d’aide : {found.get_theme_display()}", found, people)


def tell_answer(*, request: int) -> int:
    found = HelpRequest.objects.select_related("by", "sas").filter(pk=request).first()
    last = HelpMessage.objects.filter(request=request, kind=HelpMessage.Kind.ANSWERED).order_by("-at").first()
    if found is None or last is None:
        return 0
    return _send("help_answer_mail.txt", "Réponse à votre demande d’aide", found, [found.by], answer=last)


def _send(
    template: str, subject: str, found: HelpRequest, people: list[User], *, answer: HelpMessage | None = None
) -> int:
    """One letter each. Nothing leaves a demonstration that has no mail server."""
    if settings.QUINZE_DEMO and not settings.EMAIL_HOST:
        return 0
    link = settings.QUINZE_PUBLIC_URL.rstrip("/") + reverse("accounts:help_request", args=[found.pk])
    text = render_to_string(f"accounts/{template}", {"request": found, "answer": answer, "link": link})
    letters = [EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [each.email]) for each in people]
    return get_connection().send_messages(letters) or 0
