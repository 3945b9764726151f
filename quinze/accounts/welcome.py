"""What a person reads the first time they hold a role: what they see here, the three first things to do."""

from collections.abc import Mapping
from dataclasses import dataclass

from quinze.accounts.roles import Role

R = Role


@dataclass(frozen=True, slots=True)
class Welcome:
    sees: str
    acts: tuple[str, str, str]  # « touche ou page : ce qu’elle fait »


REGULATING = ("F2 : prendre le suivant", "F8 puis 1 à 5 : décider", "F9 : urgence vitale")
ADMINISTRATIVE = "Territoire : communes, horaires, paramètres"

WELCOMES: Mapping[Role, Welcome] = {
    R.ARM: Welcome(
        "L’appel, le dossier en cours et votre liste. Ce que vous tapez est gardé tout seul.",
        ("F2 : ouvrir un dossier", "F9 : urgence vitale, même sur un dossier vide", "Ctrl Entrée : passer la main"),
    ),
    R.ARM_COORDINATOR: Welcome(
        "Le poste de l’ARM et la salle : qui attend, depuis quand.",
        ("F2 : ouvrir un dossier", "F9 : urgence vitale", "Salle : ce qui dépasse sa cible"),
    ),
    R.SUPERVISOR: Welcome(
        "La salle en direct, le planning, les indicateurs.",
        ("Salle : qui attend qui", "Planning : qui est attendu, les trous", "Effectifs : combien de personnes, quand"),
    ),
    R.OSNP: Welcome(
        "Les demandes des médecins, dans l’ordre, et qui peut recevoir. Jamais les symptômes.",
        ("F2 : prendre la demande suivante", "F4 : élargir la recherche", "Suivi : rappels, issues, places libérées"),
    ),
    R.REGULATEUR_AMU: Welcome("Les dossiers de l’aide médicale urgente, le plus pressé en haut.", REGULATING),
    R.REGULATEUR_SNP: Welcome("Les dossiers des soins non programmés, le plus pressé en haut.", REGULATING),
    R.EXPERT: Welcome(
        "Les dossiers du SAS en lecture ; chaque ouverture est enregistrée.",
        ("Recherche : un dossier", "Annuaire : qui exerce où", "Charte : comment les personnes sont adressées"),
    ),
    R.EFFECTEUR: Welcome(
        "Les patients que le SAS vous adresse, et le temps que vous lui ouvrez.",
        (
            "Aujourd’hui : qui vient, vu ou pas venu",
            "Semaine : ouvrir du temps",
            "Réglages : ce que vous acceptez de recevoir",
        ),
    ),
    R.DELEGATAIRE: Welcome(
        "Les pages des médecins qui vous ont donné délégation, et d’eux seuls.",
        ("Délégations : demander, choisir pour qui", "Aujourd’hui : leurs patients", "Semaine : leurs créneaux"),
    ),
    R.STRUCTURE_MANAGER: Welcome(
        "Les structures que vous gérez, leurs membres, leurs plannings.",
        ("Ma structure : les membres, à valider des deux côtés", "Planning partagé et gardes", "Annuaire : les lieux"),
    ),
    R.ACCOUNTS_MANAGER: Welcome(
        "Les comptes de votre territoire.",
        ("Comptes : créer, ou importer une liste", "Renvoyer une invitation", "Suspendre, rendre un rôle"),
    ),
    R.REFERENT: Welcome(
        "La charte du territoire, et qui est sollicité.",
        ("Charte : lire, proposer une version", "Équité : qui reçoit, qui n’est jamais appelé", "Contestations"),
    ),
    R.IOA: Welcome(
        "Les personnes que vos urgences réorientent vers la ville, et elles seules.",
        ("Réorientations : enregistrer une personne", "F3 : filtrer, F4 : élargir", "Remettre la fiche"),
    ),
    R.INDICATOR_READER: Welcome(
        "Des chiffres du SAS, jamais un dossier.",
        ("Équité : qui est sollicité", "Effectifs : les études", "Recours à l’orientation, au menu de votre nom"),
    ),
    R.ADMINISTRATOR: Welcome(
        "Ce qui se règle pour tout le SAS ; chaque changement garde son motif.",
        (ADMINISTRATIVE, "Comptes : accorder un rôle", "Annonces : dire quelque chose à tous les postes"),
    ),
    R.PLATFORM_REGULATOR: Welcome(
        "L’annuaire du SAS, en venant de la plateforme nationale.",
        ("Annuaire : un professionnel, ses lieux", "Charte : comment les personnes sont adressées", "? : le guide"),
    ),
}


def welcome_of(role: Role, *, seen: list[str]) -> Welcome | None:
    """None once this person has closed it, for good."""
    return None if role in seen else WELCOMES.get(role)
