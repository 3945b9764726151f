"""The destinations of each role, in one table. A name that no folder serves is left out."""

from contextlib import suppress
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability

C = Capability


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str
    url_name: str
    needs: frozenset[C]
    icon: str = ""


def _item(label: str, url_name: str, *needs: C, icon: str = "") -> NavItem:
    return NavItem(label=label, url_name=url_name, needs=frozenset(needs), icon=icon)


# In the order of the top bar; any one of the capabilities opens the door.
MAIN = (
    _item("Poste", "regulation:arm", C.TAKE_CALL),
    _item("Régulation", "regulation:doctor", C.REGULATE_AMU, C.REGULATE_SNP),
    _item("Orientation", "orientation:desk", C.ORIENT),
    _item("Suivi", "orientation:follow_up", C.ORIENT),
    _item("Réorientations", "orientation:reorientations", C.REORIENT),
    _item("Aujourd’hui", "orientation:effecteur_today", C.OWN_AVAILABILITY),
    _item("Semaine", "orientation:effecteur_week", C.OWN_AVAILABILITY),
    _item("Bilan", "orientation:giving", C.OWN_AVAILABILITY),
    _item("Réglages", "availability:settings", C.OWN_PARTICIPATION),
    _item("Ma structure", "directory:managed_list", C.MANAGE_STRUCTURE),
    _item("Salle", "regulation:room", C.SEE_ROOM),
    _item("Planning", "staffing:week", C.READ_ROSTER),
    _item("Recherche", "regulation:search", C.SEARCH_CASES),
    _item("Annuaire", "directory:list", C.READ_DIRECTORY),
    _item("Territoire", "directory:territory", C.EDIT_TERRITORY),
    _item("Charte", "orientation:charter", C.READ_CHARTER),
    _item("Équité", "orientation:equity", C.READ_INDICATORS),
    _item("Effectifs", "staffing:home", C.READ_INDICATORS),
    _item("Contestations", "orientation:disputes", C.ANSWER_DISPUTES),
    _item("Comptes", "accounts:list", C.MANAGE_ACCOUNTS),
    _item("RDV éditeurs", "interop:received", C.ORIENT),
    _item("Messages", "interop:outbox", C.SEE_OUTBOX),
)

MOBILE = (
    _item("Aujourd’hui", "orientation:effecteur_today", C.OWN_AVAILABILITY, icon="people"),
    _item("Semaine", "orientation:effecteur_week", C.OWN_AVAILABILITY, icon="calendar"),
    _item("Absence", "availability:absence", C.OWN_AVAILABILITY, icon="leave"),
    _item("Bilan", "orientation:giving", C.OWN_AVAILABILITY, icon="chart"),
)

ACCOUNT = (
    _item("Mes agendas", "interop:calendars", C.OWN_AVAILABILITY, icon="calendar"),
    _item("Mes structures", "directory:my_structures", C.OWN_PARTICIPATION, icon="pin"),
    _item("Délégations", "directory:delegations", C.OWN_AVAILABILITY, icon="people"),
    _item("Plateforme nationale", "interop:declared", C.SEE_ROOM, icon="check"),
    _item("Éditeurs d’agendas", "interop:editors", C.READ_INDICATORS, icon="calendar"),
    _item(
        "Sans médecin traitant", "orientation:without_referring", C.READ_INDICATORS, C.MANAGE_ACCOUNTS, icon="person"
    ),
    _item("Volontaires par territoire", "orientation:volunteers", C.READ_INDICATORS, C.RECRUIT, icon="people"),
    _item("Réorientations des urgences", "orientation:reorientation_figures", C.READ_INDICATORS, icon="chart"),
    _item("Recours à l’orientation", "indicators:use", C.READ_INDICATORS, icon="chart"),
    _item("Mes chiffres", "indicators:own", C.REGULATE_AMU, C.REGULATE_SNP, C.ORIENT, icon="chart"),
    _item("Demandes d’aide", "accounts:help_to_give", C.ANSWER_HELP, icon="message"),
    _item("Annonces", "accounts:announcements", C.ANNOUNCE, icon="message"),
    _item("Mon compte", "accounts:profile", C.OWN_ACCOUNT, icon="person"),
    _item("Changer de poste", "accounts:duty", C.OWN_ACCOUNT, icon="people"),
)


def resolve(*url_names: str) -> str:
    """The address of the first of these names that is served."""
    for name in url_names:
        with suppress(NoReverseMatch):
            return reverse(name)
    return ""


def items(table: tuple[NavItem, ...], *, actor: Actor | None, path: str) -> list[dict[str, object]]:
    """What this person may open and this installation serves, with the present page marked."""
    if actor is None:
        return []
    allowed = [item for item in table if any(actor.may(need) for need in item.needs)]
    links = [(item, resolve(item.url_name)) for item in allowed]
    here = _current([url for _, url in links], path=path)
    return [{"label": item.label, "url": url, "current": url == here, "icon": item.icon} for item, url in links if url]


def destination(*, actor: Actor | None, path: str) -> str:
    """The name of the destination that a page belongs to; empty for a page of none."""
    if actor is None:
        return ""
    named = {resolve(item.url_name): item.url_name for item in (*MAIN, *MOBILE, *ACCOUNT)}
    return named.get(_current(list(named), path=path), "")


def _current(urls: list[str], *, path: str) -> str:
    """The longest destination that the present path starts with."""
    return max((url for url in urls if url and path.startswith(url)), key=len, default="")
