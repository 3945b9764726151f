"""Who is tried before everyone else: the referring nurse where a nurse is asked for, else the referring doctor."""

from dataclasses import dataclass

from quinze.directory.models import Professional
from quinze.patients.models import Patient
from quinze.science.ranking import NURSE


@dataclass(frozen=True, slots=True)
class Referring:
    """What a person's file says of one of them. `of` may cost a statement, `id_of` never does."""

    column: str
    words: str
    the_words: str
    of_words: str
    nobody: str

    def id_of(self, patient: Patient) -> int | None:
        key: int | None = getattr(patient, f"{self.column}_id")
        return key

    def of(self, patient: Patient) -> Professional | None:
        found: Professional | None = getattr(patient, self.column)
        return found

    def text_of(self, patient: Patient) -> str:
        """As it was said, for somebody whom the directory does not know."""
        return str(getattr(patient, f"{self.column}_text"))


REFERRING_DOCTOR = Referring(
    column="referring_doctor",
    words="médecin traitant",
    the_words="le médecin traitant",
    of_words="du médecin traitant",
    nobody="Pas de médecin traitant déclaré",
)
REFERRING_NURSE = Referring(
    column="referring_nurse",
    words="infirmier référent",
    the_words="l’infirmier référent",
    of_words="de l’infirmier référent",
    nobody="Pas d’infirmier référent déclaré",
)


def referring_for(profession: str) -> Referring:
    """`profession`: TRE_G15, the one asked for."""
    return REFERRING_NURSE if profession == NURSE else REFERRING_DOCTOR
