"""What the referring doctor is told of a consultation: that it took place, when and with whom. Never why, never what
was found: they ask the doctor who saw the person.
"""

from dataclasses import dataclass

Letter = tuple[str, str]  # subject, body


@dataclass(frozen=True, slots=True)
class Consultation:
    patient: str
    born: str  # « né(e) le 08/03/2022 », or nothing
    moment: str
    seen_by: str
    commune: str
    phone: str
    sas: str
    number: str  # of the file

    @property
    def where(self) -> str:
        phone = f", téléphone {self.phone}" if self.phone else ""
        return f"{self.seen_by} ({self.commune}{phone})"


def sentence(seen: Consultation) -> str:
    born = f", {seen.born}," if seen.born else ""
    return (
        f"Votre patient {seen.patient}{born} a été vu en consultation le {seen.moment} par {seen.where}, "
        f"à la suite de son appel au {seen.sas} (dossier {seen.number})."
    )


AFTER = "Le compte rendu et la suite des soins sont à demander à la personne qui l’a vu."
RIGHT = "Le patient sait que vous en êtes informé et ne s’y est pas opposé."


def notice(seen: Consultation) -> Letter:
    body = f"Docteur,\n\n{sentence(seen)}\n\n{AFTER}\n{RIGHT}\n\n{seen.sas}\n"
    return f"Consultation d’un de vos patients, {seen.moment}", body


def rectification(seen: Consultation) -> Letter:
    body = (
        f"Docteur,\n\nNotre message sur la consultation du {seen.moment} (dossier {seen.number}) était une erreur : "
        f"le patient n’a pas été vu. Ne tenez pas compte du premier message.\n\n{seen.sas}\n"
    )
    return f"Rectification : consultation du {seen.moment}", body
