"""Sessions in the database, as Django keeps them; the reading of one, made at every request, is written once."""

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from quinze.base.written import Written

LIVING = Written(lambda key, at: Session.objects.filter(session_key=key, expire_date__gt=at), key=str, at=datetime)


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        """As Django's: a key that no session has is forgotten."""
        found = next(iter(LIVING(key=self.session_key or "", at=timezone.now())), None)
        if found is None:
            self._session_key = None
        return found
