from datetime import datetime

from django.db import transaction

from quinze.accounts.models import TermsAcceptance, TermsVersion, User
from quinze.accounts.queries import terms_in_force
from quinze.accounts.terms import title_of
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, Refusal

SHORTEST, LONGEST = 200, 60_000


@transaction.atomic
def publish_terms(text: str, *, by: User | None, at: datetime) -> TermsVersion:
    """A new version, in force at once; the same text as the one in force makes none. Nobody edits a published text."""
    kept = text.strip()
    if not SHORTEST <= len(kept) <= LONGEST or "\x00" in kept:
        raise Refusal(f"Le texte doit avoir de {SHORTEST} à {LONGEST} caractères.", field="text", code="length")
    current = terms_in_force()
    if current is not None and current.text == kept:
        return current
    number = current.number + 1 if current else 1
    with refuse_violations():
        return TermsVersion.objects.create(
            number=number, title=title_of(kept), text=kept, published_at=at, published_by=by
        )


@transaction.atomic
def accept_terms(user: User, *, number: int, at: datetime) -> TermsAcceptance:
    """The version that the person had under the eyes; accepting twice changes nothing."""
    current = terms_in_force()
    if current is None or current.number != number:
        raise Conflict("Une nouvelle version vient d’être publiée : la voici.", code="newer")
    return TermsAcceptance.objects.get_or_create(user=user, version=current, defaults={"at": at})[0]
