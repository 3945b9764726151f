"""What was typed when the session had expired: kept on the server for its author, given back after the login.

It is kept only when the browser shows the key of a session that was somebody's, and is returned only to that person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest

KEPT, OWNER = "kept_form", "expired_user"
LARGEST = 64_000  # characters of names and values
LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class KeptForm:
    path: str
    fields: list[tuple[str, str]]
    at: datetime


def remember_owner(request: HttpRequest) -> int | None:
    """Whose session this browser last held, when the row of an expired session still says it."""
    if request.user.is_authenticated:
        return int(request.user.pk)
    owner = request.session.get(OWNER) or _owner_of(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    if owner is not None and request.session.get(OWNER) != owner:
        request.session[OWNER] = owner
        request.session.set_expiry(LASTS)
    return owner


def _owner_of(session_key: str) -> int | None:
    row = Session.objects.filter(session_key=session_key).first() if session_key else None
    user_id = row.get_decoded().get(SESSION_KEY) if row else None
    return int(user_id) if user_id else None


def keep(request: HttpRequest, *, owner: int | None, at: datetime) -> bool:
    """False when there is nobody to keep it for, or too much of it."""
    fields = [(n, str(v)) for n, values in request.POST.lists() if _may_be_kept(n) for v in values]
    if owner is None or sum(len(n) + len(v) for n, v in fields) > LARGEST:
        return False
    request.session[KEPT] = {"owner": owner, "path": request.get_full_path(), "fields": fields, "at": at.isoformat()}
    return True


def _may_be_kept(name: str) -> bool:
    return name != "csrfmiddlewaretoken" and "password" not in name


def kept_for(request: HttpRequest, *, at: datetime) -> KeptForm | None:
    """What this person had typed less than an hour ago. Another person's is forgotten at once."""
    kept = request.session.get(KEPT)
    if not kept:
        return None
    typed_at = datetime.fromisoformat(kept["at"])
    if kept["owner"] != request.user.pk or at - typed_at > LASTS:
        forget(request)
        return None
    return KeptForm(path=kept["path"], fields=[(n, v) for n, v in kept["fields"]], at=typed_at)


def mark_shown(request: HttpRequest) -> None:
    """It stays for an hour, for who reloads the page, but no later login leads to it again."""
    request.session[KEPT] = request.session[KEPT] | {"shown": True}


def is_waiting(request: HttpRequest, *, at: datetime) -> bool:
    return kept_for(request, at=at) is not None and not request.session[KEPT].get("shown")


def forget(request: HttpRequest) -> None:
    request.session.pop(KEPT, None)
