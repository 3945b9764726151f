"""Who receives in a doctor's place, in words. Never the doctor's name alone when somebody else will be there."""

from dataclasses import dataclass

from quinze.availability.models import Cover

VOWELS = frozenset("aeiouyhàâäéèêëîïôöùûü")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Of some hours: a replacement, a collaborator or an assistant (Cover.Quality)."""

    quality: str
    name: str

    @classmethod
    def read(cls, told: str | None) -> "Receiver | None":
        """From what `queries.covers.receiver_told` adds to a row; None when the doctor receives."""
        return cls(*told.split(" ", 1)) if told else None

    @property
    def words(self) -> str:
        return f"{self.name}, {Cover.Quality(self.quality).label}"

    def in_place_of(self, doctor: object) -> str:
        """« Lou Sorbier, remplaçant du Dr Hélène Cormier »."""
        return f"{self.words} {of(str(doctor))}"


def of(name: str) -> str:
    """« du Dr Cormier », « d’Anne Cormier », « de Lou Cormier »."""
    if name.startswith(("Dr ", "Pr ")):
        return f"du {name}"
    return f"d’{name}" if name[:1].lower() in VOWELS else f"de {name}"
