"""What every page knows: the instant, the theme, the live link, where the person may go."""

from django.conf import settings
from django.http import HttpRequest

from quinze.accounts.actor import Actor
from quinze.base import clock
from quinze.web import nav

THEMES = ("light", "dark")

# Loaded in this order on every page; each stands alone, so hashed names need no rewriting.
SCRIPTS = tuple(
    f"web/js/{name}.js"
    for name in ("theme", "clock", "keys", "rows", "live", "stable-list", "combobox", "draft", "toast")
)


def page(request: HttpRequest) -> dict[str, object]:
    actor: Actor | None = getattr(request, "actor", None)
    theme = request.COOKIES.get("q_theme", "")
    return {
        "demo": settings.QUINZE_DEMO,
        "events_url": settings.QUINZE_EVENTS_URL.format(host=request.get_host().rsplit(":", 1)[0]),
        "server_now": clock.now(),
        "theme": theme if theme in THEMES else THEMES[0],
        "nav_items": nav.items(nav.MAIN, actor=actor, path=request.path),
        "mobile_items": nav.items(nav.MOBILE, actor=actor, path=request.path),
        "account_links": nav.items(nav.ACCOUNT, actor=actor, path=request.path),
        "logout_url": nav.resolve("account_logout"),
        "web_scripts": SCRIPTS,
    }
