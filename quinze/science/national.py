"""The SAE file of the SAMU (DREES, SMURSAMU): what each declares for a year, the national table, what looks wrong.

One row per hospital site, semicolons, ISO-8859-15; sites with SAMU = 1 have a call centre. Figures are declared, and an
empty cell is unknown, never zero.
"""

import csv
import io
import math
import re
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

WEEKS = 365.25 / 7
HOURS = 8760
MOST_ROWS, MOST_BYTES = 5_000, 5_000_000
COLUMNS = {
    "presented": "APP", "hung_up_early": "APR15", "answered": "APD", "answered_in_a_minute": "APMIN",
    "files": "DR", "medical_files": "DRM", "liberal_files": "DRMLIB",
    "regulator_hours": "HMR", "amu_hours": "HMRAMU", "liberal_hours": "HMRAM", "arm_hours": "ARM",
}  # fmt: skip
FINESS = re.compile(r"^(?:\d{2}|2[AB])\d{7}$")


class Unreadable(ValueError):  # noqa: N818  (a file that is not what it should be)
    """French; says the line and what was expected."""


@dataclass(frozen=True, slots=True)
class Samu:
    """A SAMU for one year. Hours are weekly."""

    year: int
    finess: str
    name: str
    presented: int | None = None
    hung_up_early: int | None = None
    """In less than 15 s."""
    answered: int | None = None
    answered_in_a_minute: int | None = None
    files: int | None = None
    medical_files: int | None = None
    liberal_files: int | None = None
    regulator_hours: int | None = None
    amu_hours: int | None = None
    liberal_hours: int | None = None
    arm_hours: int | None = None

    @property
    def departement(self) -> str:
        """Of its FINESS number; overseas the third digit counts (9701… Guadeloupe 971), 98 is Mayotte."""
        head = self.finess[:2]
        return {"97": f"97{self.finess[3]}", "98": "976"}.get(head, head)

    @property
    def calls_per_hour(self) -> float | None:
        return self.presented / HOURS if self.presented else None

    @property
    def answered_share(self) -> float | None:
        return _ratio(self.answered, self.presented)

    @property
    def qs60(self) -> float | None:
        """Answered in less than a minute ÷ answered; None where more are said to be."""
        share = _ratio(self.answered_in_a_minute, self.answered)
        return share if share is not None and share <= 1 else None

    @property
    def arm_posts(self) -> float | None:
        """Posts held all day, all year, all tasks."""
        return self.arm_hours / 168 if self.arm_hours else None

    @property
    def files_per_arm_hour(self) -> float | None:
        return _ratio(self.files, self.arm_hours and self.arm_hours * WEEKS)

    @property
    def medical_files_per_regulator_hour(self) -> float | None:
        return _ratio(self.medical_files, self.regulator_hours and self.regulator_hours * WEEKS)

    @property
    def liberal_share(self) -> float | None:
        return _ratio(self.liberal_files, self.medical_files)


def _ratio(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def read(content: bytes) -> tuple[Samu, ...]:
    """The SAMU of a file, in its order. All or nothing: Unreadable names the first lines that cannot be read."""
    if len(content) > MOST_BYTES:
        raise Unreadable(f"Le fichier pèse {len(content) / 1e6:.0f} Mo ; un fichier SMURSAMU en pèse moins de 5.")
    rows = csv.DictReader(io.StringIO(_text(content)), delimiter=";")
    missing = sorted({"AN", "FI", "RS", "SAMU", *COLUMNS.values()} - set(rows.fieldnames or ()))
    if missing:
        raise Unreadable(f"Ce n’est pas un fichier SMURSAMU de la SAE : colonnes absentes, {', '.join(missing[:6])}.")
    found, wrong = _rows(rows)
    if wrong:
        raise Unreadable(f"{len(wrong)} ligne(s) illisible(s) : {' ; '.join(wrong[:5])}.")
    if not found:
        raise Unreadable("Aucune ligne n’a de SAMU (colonne SAMU à 1).")
    if len({samu.year for samu in found}) > 1:
        raise Unreadable("Le fichier mêle plusieurs années (colonne AN) : il en faut une par fichier.")
    return tuple(found)


def _text(content: bytes) -> str:
    """The official files are ISO-8859-15; someone may have saved them again as UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("iso-8859-15")
    if "\x00" in text:
        raise Unreadable("Ce n’est pas un fichier de texte (CSV à points-virgules).")
    return text


def _rows(rows: Iterable[dict[str, str]]) -> tuple[list[Samu], list[str]]:
    found, wrong, seen = [], [], set[str]()
    for line, row in enumerate(rows, 2):
        if line > MOST_ROWS:
            raise Unreadable(f"Plus de {MOST_ROWS} lignes : ce n’est pas un fichier SMURSAMU.")
        if (row["SAMU"] or "").strip() != "1":
            continue
        try:
            samu = _samu(row)
            if samu.finess in seen:
                raise ValueError(f"FINESS {samu.finess} déjà lu")
        except ValueError as error:
            wrong.append(f"ligne {line}, {error}")
            continue
        seen.add(samu.finess)
        found.append(samu)
    return found, wrong


def _samu(row: dict[str, str]) -> Samu:
    finess, year = (row["FI"] or "").strip(), (row["AN"] or "").strip()
    if not FINESS.match(finess):
        raise ValueError(f"FINESS « {finess[:20]} » : neuf caractères attendus")
    if not re.fullmatch(r"20\d\d", year):
        raise ValueError(f"année « {year[:20]} » : quatre chiffres attendus")
    figures = {name: _figure(row[column], column) for name, column in COLUMNS.items()}
    return Samu(int(year), finess, (row["RS"] or "").strip()[:120], **figures)


def _figure(cell: str | None, column: str) -> int | None:
    text = (cell or "").strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}", text):
        raise ValueError(f"{column} « {text[:20]} » : un nombre entier de 0 à 999999999 attendu")
    return int(text)


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: float
    kind: str = "count"  # count, share, rate


def national(samus: Sequence[Samu]) -> tuple[Figure, ...]:
    """The table of a year. "des deux": only the SAMU that declare both figures of a ratio."""
    return (
        Figure("SAMU", len(samus)),
        *(Figure(label, _total(samus, name)) for label, name in _TOTALS),
        Figure("Décrochés ÷ présentés, des deux", _paired(samus, "answered", "presented"), "share"),
        Figure("Décrochés ÷ présentés, moyenne des SAMU", _mean(samus, lambda one: one.answered_share), "share"),
        Figure("Décrochés ÷ (présentés − raccrochés en moins de 15 s)", _patient(samus), "share"),
        Figure("Décrochés en moins d’une minute ÷ décrochés, des deux", _within(samus), "share"),
        Figure("DRM ÷ DR", _total(samus, "medical_files") / _total(samus, "files"), "share"),
        Figure("DRM libérale ÷ DRM", _total(samus, "liberal_files") / _total(samus, "medical_files"), "share"),
        Figure("DR par heure d’ARM, des deux", _paired(samus, "files", "arm_hours") / WEEKS, "rate"),
        Figure(
            "DRM par heure de régulateur, des deux", _paired(samus, "medical_files", "regulator_hours") / WEEKS, "rate"
        ),
        Figure("DRM par heure de régulateur, des sommes", _per_hour(samus), "rate"),
        Figure("Postes d’ARM 24 h/24, moyenne par SAMU", _mean(samus, lambda one: one.arm_posts), "rate"),
        Figure("Postes d’ARM 24 h/24, total", _total(samus, "arm_hours") / 168),
        *_quantiles(samus),
    )


_TOTALS = (
    ("Appels présentés", "presented"), ("Raccrochés en moins de 15 s", "hung_up_early"),
    ("Appels décrochés", "answered"), ("Dossiers de régulation (DR)", "files"),
)  # fmt: skip


def _total(samus: Sequence[Samu], name: str) -> int:
    return sum(getattr(one, name) or 0 for one in samus)


def _paired(samus: Sequence[Samu], part: str, whole: str) -> float:
    both = [(getattr(one, part), getattr(one, whole)) for one in samus if getattr(one, part) and getattr(one, whole)]
    return sum(p for p, _ in both) / sum(w for _, w in both) if both else math.nan


def _patient(samus: Sequence[Samu]) -> float:
    known = [one for one in samus if one.answered and one.presented]
    left = sum((one.presented or 0) - (one.hung_up_early or 0) for one in known)
    return _total(known, "answered") / left if left else math.nan


def _within(samus: Sequence[Samu]) -> float:
    return _paired([one for one in samus if one.qs60 is not None], "answered_in_a_minute", "answered")


def _per_hour(samus: Sequence[Samu]) -> float:
    hours = _total(samus, "regulator_hours") * WEEKS
    return _total(samus, "medical_files") / hours if hours else math.nan


def _mean(samus: Sequence[Samu], of: Callable[[Samu], float | None]) -> float:
    values = [value for value in map(of, samus) if value is not None]
    return statistics.fmean(values) if values else math.nan


def _quantiles(samus: Sequence[Samu]) -> Iterator[Figure]:
    rates = sorted(rate for rate in (one.calls_per_hour for one in samus) if rate is not None)
    for share, name in ((0.05, "p5"), (0.25, "p25"), (0.5, "médiane"), (0.75, "p75"), (0.95, "p95"), (1, "maximum")):
        yield Figure(f"Appels par heure et par SAMU, {name}", quantile(rates, share), "rate")


def quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between ranks; NaN of nothing."""
    if not ordered:
        return math.nan
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def anomalies(samu: Samu) -> tuple[str, ...]:
    """What cannot be so, or hardly: French sentences. Nothing is corrected; a SAMU flagged is left out of rankings."""
    return tuple(text for text in _doubts(samu) if text)


def _doubts(one: Samu) -> Iterator[str]:
    for name, label in _EXPECTED:
        if not getattr(one, name):
            yield f"{label} : non déclaré"
    presented, answered, early = one.presented or 0, one.answered or 0, one.hung_up_early or 0
    if 0 < presented < 10_000:
        yield f"{presented} appels présentés dans l’année : impossible pour un département"
    if presented and answered > presented:
        yield "plus d’appels décrochés que présentés"
    if answered and (one.answered_in_a_minute or 0) > answered:
        yield "plus d’appels décrochés en moins d’une minute que décrochés"
    if presented and early > 0.3 * presented:
        yield f"{100 * early / presented:.0f} % des appels raccrochés en moins de 15 s"
    if presented and answered and answered + early > 1.001 * presented:
        yield "décrochés plus raccrochés en moins de 15 s dépassent les présentés"
    if answered and (one.files or 0) > answered:
        yield "plus de dossiers que d’appels décrochés"
    if 0 < (one.arm_hours or 0) < 168:
        yield f"{one.arm_hours} h d’ARM par semaine : moins d’un poste jour et nuit"


_EXPECTED = (
    ("presented", "Appels présentés"), ("answered", "Appels décrochés"),
    ("answered_in_a_minute", "Décrochés en moins d’une minute"), ("files", "Dossiers de régulation"),
    ("arm_hours", "Heures d’ARM"),
)  # fmt: skip
NUMBERS = tuple(field.name for field in fields(Samu) if field.name in COLUMNS)
