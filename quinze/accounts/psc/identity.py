"""What Pro Santé Connect says of a person (claims of the scope `scope_all`), read with limits and nothing trusted."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from quinze.accounts.psc.refusals import PscRefused
from quinze.base import codes

LEVELS = ("eidas1", "eidas2", "eidas3")  # what we ask first: a CPS card or the e-CPS application, two factors each
MOST_PRACTICES, MOST_ACTIVITIES, LONGEST = 20, 50, 160
_SUBJECT = re.compile(r"[0-9A-Za-z][0-9A-Za-z/._\-]{5,39}")
_TITLES = {"DR": "Dr", "PR": "Pr"}


@dataclass(frozen=True, slots=True)
class Activity:
    """One place of one practice, as the national register writes it."""

    organisation: str
    address: str
    postal_code: str
    commune: str  # INSEE code, often empty
    mode: str  # L libéral, S salarié, B bénévole (TRE_R23)


@dataclass(frozen=True, slots=True)
class Practice:
    profession: str  # TRE_G15: 10 médecin…
    know_how: str  # TRE_R38: SM54…; empty for most professions
    activities: tuple[Activity, ...]

    @property
    def calling(self) -> str:
        """An unknown code is shown as it is."""
        words = (codes.label("professions", self.profession), codes.label("specialties", self.know_how))
        return ", ".join(word for word in words if word)

    @property
    def places(self) -> list[str]:
        parts = ((a.organisation, a.address, a.postal_code) for a in self.activities)
        return [", ".join(filter(None, each)) for each in parts if any(each)]


@dataclass(frozen=True, slots=True)
class PscIdentity:
    subject: str  # SubjectNameID: the national identifier with its prefix
    family_name: str
    given_name: str
    title: str
    level: str  # acr
    practices: tuple[Practice, ...]
    said: dict[str, Any]  # the claims that were kept, in the provider's own shape: read(said) gives this back

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.title, self.given_name, self.family_name) if part)

    @property
    def practice_words(self) -> list[str]:
        """« Médecin, Médecine générale : CABINET DU DR X, 86000 »: one line for each place of each practice."""
        lines = [f"{practice.calling} : {place}" for practice in self.practices for place in practice.places]
        alone = [practice.calling for practice in self.practices if practice.calling and not practice.places]
        return lines + alone


def read(claims: Mapping[str, Any], *, level: str) -> PscIdentity:
    """Raises PscRefused("no_id") without a usable SubjectNameID. Whatever else is missing or odd is left out."""
    subject = claims.get("SubjectNameID")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise PscRefused("no_id")
    reference = _mapping(claims.get("SubjectRefPro"))
    practices = tuple(_practices(reference.get("exercices")))
    titles = (_text(_mapping(raw), "codeCiviliteDexercice") for raw in _list(reference.get("exercices")))
    title = next((_TITLES[word.upper()] for word in titles if word.upper() in _TITLES), "")
    family, given = _name(claims, "family_name"), _name(claims, "given_name")
    said = {"SubjectNameID": subject, "family_name": family, "given_name": given} | _kept(practices, title)
    return PscIdentity(subject, family, given, title, level, practices, said)


def _name(claims: Mapping[str, Any], which: str) -> str:
    """« ROSE » is how the register writes; people write « Rose »."""
    name = _text(claims, which)[:80]
    return name.title() if name.isupper() else name


def _practices(raw: object) -> Iterable[Practice]:
    for each in _list(raw)[:MOST_PRACTICES]:
        practice = _mapping(each)
        activities = tuple(_activity(_mapping(a)) for a in _list(practice.get("activities"))[:MOST_ACTIVITIES])
        yield Practice(_text(practice, "codeProfession"), _text(practice, "codeSavoirFaire"), activities)


def _activity(raw: Mapping[str, Any]) -> Activity:
    street = " ".join(filter(None, (_text(raw, n) for n in ("numeroVoie", "codeTypeDeVoie", "libelleVoie"))))
    return Activity(
        organisation=_text(raw, "raisonSocialeSite"),
        address=street,
        postal_code=_text(raw, "codePostal"),
        commune=_text(raw, "codeCommune"),
        mode=_text(raw, "codeModeExercice"),
    )


def _kept(practices: tuple[Practice, ...], title: str) -> dict[str, Any]:
    return {
        "SubjectRefPro": {
            "exercices": [
                {
                    "codeProfession": practice.profession,
                    "codeSavoirFaire": practice.know_how,
                    "codeCiviliteDexercice": title.upper(),
                    "activities": [_written(activity) for activity in practice.activities],
                }
                for practice in practices
            ]
        }
    }


def _written(activity: Activity) -> dict[str, str]:
    return {
        "raisonSocialeSite": activity.organisation,
        "libelleVoie": activity.address,
        "codePostal": activity.postal_code,
        "codeCommune": activity.commune,
        "codeModeExercice": activity.mode,
    }


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip()[:LONGEST].replace("\x00", "") if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
