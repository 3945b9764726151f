"""The fictitious people of the simulator: those of the demonstration, and two whom no directory knows."""

from typing import Any

from quinze.directory import identifiers
from quinze.directory.models import Place, Professional
from quinze.interop.psc.simulator import Person

MOST = 12


def of_demonstration() -> list[Person]:
    """Doctors who have an account, doctors who have none yet, and newcomers."""
    fictitious = Professional.objects.filter(source="demo").exclude(places=None).order_by("search_name", "pk")
    known = fictitious.filter(account__isnull=False)[:MOST]
    new = fictitious.filter(account__isnull=True, specialty="SM54")
    outside, inside = new.filter(participations=None)[: MOST // 2], new.exclude(participations=None)[: MOST // 2]
    return [*(_person(p, "a déjà un compte, à rattacher") for p in known),
            *(_person(p, "première connexion, ne participe pas encore") for p in outside),
            *(_person(p, "première connexion, participe déjà au SAS") for p in inside), *NEWCOMERS]  # fmt: skip


def _person(professional: Professional, note: str) -> Person:
    subject = identifiers.prefixed(rpps=professional.rpps, adeli=professional.adeli, idnps=professional.idnps) or ""
    places = professional.places.filter(is_active=True).select_related("commune")
    claims = written(
        family=professional.family_name,
        given=professional.given_name,
        title=professional.civility,
        profession=professional.profession,
        know_how=professional.specialty,
        activities=[_activity(place) for place in places],
    )
    return Person(subject, claims, note)


def _activity(place: Place) -> dict[str, str]:
    return {
        "codeModeExercice": "L",
        "codeSecteurDactivite": "SA07",
        "raisonSocialeSite": (place.name or "Cabinet").upper(),
        "libelleVoie": place.address.upper(),
        "codePostal": (place.commune.postal_codes or [""])[0],
        "codeCommune": place.commune.insee,
    }


def written(
    *, family: str, given: str, title: str, profession: str, know_how: str, activities: list[dict[str, str]]
) -> dict[str, Any]:
    """The claims of `scope_all`, in the shape and the capitals of the real ones."""
    return {
        "family_name": family.upper(),
        "given_name": given.upper(),
        "SubjectRole": [f"{profession}^1.2.250.1.213.1.1.5.5"],
        "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
        "SubjectRefPro": {
            "codeCivilite": "M",
            "exercices": [
                {
                    "codeProfession": profession,
                    "codeCategorieProfessionnelle": "C",
                    "codeCiviliteDexercice": title.upper(),
                    "nomDexercice": family.upper(),
                    "prenomDexercice": given.upper(),
                    "codeTypeSavoirFaire": "S" if know_how else "",
                    "codeSavoirFaire": know_how,
                    "activities": activities,
                }
            ],
        },
    }


_POITIERS = {"raisonSocialeSite": "CABINET MEDICAL", "libelleVoie": "2 R DES ESSENCES", "codePostal": "86000"}
NEWCOMERS = (
    Person(
        "899700000013",
        written(family="Lathus", given="Élise", title="Dr", profession="10", know_how="SM54", activities=[]),
        "remplaçante, inconnue de l’annuaire",
    ),
    Person(
        "899700000021",
        written(family="Vouneuil", given="Adam", title="", profession="60", know_how="", activities=[_POITIERS]),
        "infirmier nouvellement installé, inconnu de l’annuaire",
    ),
)
