"""Which guide each role reads, and where the « ? » of each page opens it."""

from collections.abc import Mapping

from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.web.guide import COMMON

R = Role

GUIDES: Mapping[Role, str] = {
    R.ARM: "arm",
    R.ARM_COORDINATOR: "arm",
    R.SUPERVISOR: "superviseur",
    R.OSNP: "osnp",
    R.REGULATEUR_AMU: "medecin-regulateur",
    R.REGULATEUR_SNP: "medecin-regulateur",
    R.EXPERT: "autres-roles",
    R.EFFECTEUR: "medecin-effecteur",
    R.DELEGATAIRE: "delegataire",
    R.STRUCTURE_MANAGER: "gestionnaire-de-structure",
    R.ACCOUNTS_MANAGER: "gestionnaire-de-comptes",
    R.REFERENT: "referent-territorial",
    R.IOA: "ioa",
    R.INDICATOR_READER: "autres-roles",
    R.ADMINISTRATOR: "autres-roles",
    R.PLATFORM_REGULATOR: "autres-roles",
}

# By page, then by guide of the reader; "" is for every other reader. A section is `guide#section`, or `#section` of
# the reader's own guide.
SECTIONS: Mapping[str, Mapping[str, str]] = {
    "regulation:arm": {"": "arm#prendre-un-appel"},
    "regulation:doctor": {"": "#prendre-un-dossier"},
    "regulation:room": {"": "superviseur#la-salle-salle"},
    "regulation:search": {"medecin-regulateur": "#retrouver-un-dossier", "": f"{COMMON}#retrouver-un-dossier"},
    "orientation:desk": {"": "osnp#la-liste-orientation"},
    "orientation:request": {"ioa": "#choisir", "": "osnp#la-demande"},
    "orientation:reorientations": {"": "ioa#enregistrer"},
    "orientation:reorientation_slip": {"": "ioa#remettre-la-fiche"},
    "orientation:reorientation_figures": {"": "referent-territorial#urgences"},
    "orientation:follow_up": {"": "osnp#le-suivi"},
    "orientation:effecteur_today": {"": "medecin-effecteur#aujourdhui"},
    "orientation:effecteur_week": {"": "medecin-effecteur#semaine"},
    "orientation:giving": {"": "medecin-effecteur#bilan--ce-que-je-donne-ce-que-je-reçois"},
    "orientation:charter": {"": "referent-territorial#lire"},
    "orientation:referring_letters": {"": "osnp#le-médecin-traitant-après-la-consultation"},
    "orientation:without_referring": {
        "gestionnaire-de-comptes": "#sans-médecin-traitant",
        "": "referent-territorial#sans-médecin-traitant",
    },
    "regulation:afterwards": {"": "osnp#le-suivi-à-72-heures"},
    "indicators:within": {"": "superviseur#rendez-vous-en-72-heures"},
    "orientation:equity": {"": "referent-territorial#équité"},
    "orientation:volunteers": {
        "gestionnaire-de-comptes": "#volontaires-par-territoire",
        "": "referent-territorial#volontaires-par-territoire",
    },
    "indicators:use": {"superviseur": "#recours-à-lorientation-recours", "": "referent-territorial#recours"},
    "indicators:own": {"": "#mes-chiffres"},
    "orientation:disputes": {"gestionnaire-de-comptes": "#contestations", "": "referent-territorial#contestations"},
    "orientation:cpts_volunteers": {"": "gestionnaire-de-structure#les-volontaires-de-la-cpts"},
    "directory:contacts": {"": "gestionnaire-de-comptes#contacts-et-campagnes"},
    "directory:campaign": {"": "gestionnaire-de-comptes#contacts-et-campagnes"},
    "directory:campaign_new": {"": "gestionnaire-de-comptes#contacts-et-campagnes"},
    "availability:settings": {"": "medecin-effecteur#réglages"},
    "availability:cover": {"": "medecin-effecteur#quand-vous-régulez"},
    "availability:absence": {"": "medecin-effecteur#sabsenter"},
    "directory:managed_list": {"": "gestionnaire-de-structure#les-membres"},
    "directory:list": {"": f"{COMMON}#annuaire"},
    "directory:territory": {"": "autres-roles#administrateur"},
    "directory:my_structures": {"": "medecin-effecteur#mes-structures"},
    "directory:delegations": {
        "delegataire": "#obtenir-une-délégation",
        "": "medecin-effecteur#délégations--qui-agit-pour-moi",
    },
    "staffing:week": {
        "superviseur": "#le-planning-planning",
        "autres-roles": "superviseur#le-planning-planning",
        "": "#mes-gardes",
    },
    "staffing:home": {"": "effectifs#étude-de-capacité"},
    "accounts:list": {"": "gestionnaire-de-comptes#créer-un-compte"},
    "accounts:help_to_give": {"": f"{COMMON}#répondre-à-une-demande"},
    "accounts:announcements": {"": f"{COMMON}#annonces"},
    "accounts:profile": {"": f"{COMMON}#mon-compte"},
    "accounts:duty": {"": f"{COMMON}#prendre-un-poste-en-changer"},
    "accounts:login": {"": f"{COMMON}#se-connecter"},
    "interop:calendars": {"": "medecin-effecteur#mes-agendas"},
    "interop:received": {"": "osnp#les-rendez-vous-des-éditeurs"},
    "interop:editors": {"": "superviseur#les-éditeurs-dagendas"},
    "interop:declared": {"": "superviseur#la-plateforme-nationale"},
    "interop:outbox": {"": "osnp#messages"},
}


def guide_of(role: Role | None) -> str:
    return GUIDES[role] if role is not None else COMMON


def section_of(page: str, *, role: Role | None) -> str:
    """`guide#section` for a page (`folder:name`); the guide of the role when the page has no section of its own."""
    own = guide_of(role)
    known = SECTIONS.get(page, {})
    section = known.get(own, known.get("", ""))
    return own + section if section.startswith("#") else section or own


def url_of(page: str, *, role: Role | None) -> str:
    """The name of the page goes with it, so that a question says where it was asked from; never its address."""
    guide, _, section = section_of(page, role=role).partition("#")
    asked = f"?page={page}" if page else ""
    return reverse("web:guide", args=[guide]) + asked + (f"#{section}" if section else "")
