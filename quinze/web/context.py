"""What every page knows: the instant, the theme, the live link, where the person may go."""

from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from quinze.accounts import announcements
from quinze.accounts.actor import Actor
from quinze.accounts.welcome import welcome_of
from quinze.base import clock
from quinze.web import nav, sections

THEMES = ("light", "dark")

# Loaded in this order on every page; each stands alone, so hashed names need no rewriting.
NAMES = ("theme", "clock", "combobox", "keys", "rows", "toast", "live", "sound", "stable-list", "draft", "session")
SCRIPTS = tuple(f"web/js/{name}.js" for name in NAMES)


def shell(request: HttpRequest) -> dict[str, object]:
    actor: Actor | None = getattr(request, "actor", None)
    return {
        "demo": settings.QUINZE_DEMO,
        "events_url": settings.QUINZE_EVENTS_URL.replace("{host}", _hostname(request)),
        "server_now": clock.now(),
        "theme": _theme(request, actor=actor),
        # Made for the frame of a whole page: a part of one, read again at each change, shows none of them.
        "nav_items": SimpleLazyObject(partial(nav.items, nav.MAIN, actor=actor, path=request.path)),
        "mobile_items": SimpleLazyObject(partial(nav.items, nav.MOBILE, actor=actor, path=request.path)),
        "account_links": SimpleLazyObject(partial(nav.items, nav.ACCOUNT, actor=actor, path=request.path)),
        "banners": SimpleLazyObject(partial(_banners, request, actor=actor)),
        "welcome": SimpleLazyObject(partial(_welcome, actor=actor)),
        "help_url": SimpleLazyObject(partial(_help_url, request, actor=actor)),
        "logout_url": nav.resolve("accounts:logout", "account_logout"),
        "web_scripts": SCRIPTS,
    }


def _banners(request: HttpRequest, *, actor: Actor | None) -> dict[str, object]:
    """What the SAS announces, carried by its own row, which every page has read: no query, and never late."""
    packed = actor.sas.announced if actor else ""
    if actor is None or not packed:
        return {}
    at, closed = clock.now(), request.session.get(announcements.CLOSED, [])
    return {
        "shown": announcements.shown(packed, role=actor.role, at=at, closed=closed),
        "next_change": announcements.next_change(packed, role=actor.role, at=at),
    }


def _welcome(*, actor: Actor | None) -> dict[str, object] | None:
    """Once for each role of a person, until they close it; carried by their own row: no query."""
    said = welcome_of(actor.role, seen=actor.user.welcomed) if actor else None
    return {"said": said, "guide": sections.url_of("", role=actor.role)} if actor and said else None


def _help_url(request: HttpRequest, *, actor: Actor | None) -> str:
    """The guide of the role, where it speaks of this page, or of the destination that it belongs to."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    page = here if here in sections.SECTIONS else nav.destination(actor=actor, path=request.path)
    return sections.url_of(page, role=actor.role if actor else None)


def _hostname(request: HttpRequest) -> str:
    """Without the port; an IPv6 host keeps its brackets."""
    host = request.get_host()
    return host if host.endswith("]") else host.rsplit(":", 1)[0]


def _theme(request: HttpRequest, *, actor: Actor | None) -> str:
    """This desk's choice first, then the person's."""
    wanted = request.COOKIES.get("q_theme") or (actor.user.theme if actor else "")
    return wanted if wanted in THEMES else THEMES[0]
