"""Forms of the studies, built from the table of what a study asks. Read from the address, so that a study is a link."""

from collections.abc import Iterable
from typing import Any

from django import forms

from quinze.base.errors import Refusal
from quinze.science.queueing.bounds import Unacceptable
from quinze.science.queueing.capacity import Phase, Study
from quinze.science.queueing.pooling import Centre
from quinze.science.queueing.staffing import Goal
from quinze.science.queueing.week import SAME_DAYS
from quinze.staffing import inputs
from quinze.staffing.covering import Asked
from quinze.staffing.models import CallForecast
from quinze.staffing.queries.national import Known, Year
from quinze.staffing.queries.planning import rates_of
from quinze.staffing.reports.pooling import Pooling
from quinze.staffing.shift_kinds import RoleKind

LONGEST = 400  # characters of 24 figures


class StudyForm(forms.Form):
    """Every input of a study; `sections` for the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for asked in inputs.ASKED.values():
            self.fields[asked.key] = _field(asked)

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(name, [self[asked.key] for asked in section]) for name, section in inputs.SECTIONS.items()]

    def clean(self) -> dict[str, Any]:
        values = {
            key: value for key, value in self.cleaned_data.items() if value not in (None, "") and key in inputs.ASKED
        }
        try:
            self.cleaned_data["study"] = inputs.study_of(values)
            self.cleaned_data["held"] = inputs.held_of(values)
            self.cleaned_data["people"] = inputs.held_of(values, key="personnes")
        except Refusal as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
        return self.cleaned_data

    @property
    def study(self) -> Study:
        found: Study = self.cleaned_data["study"]
        return found

    @property
    def held(self) -> tuple[int, ...]:
        found: tuple[int, ...] = self.cleaned_data["held"]
        return found

    @property
    def people(self) -> tuple[int, ...]:
        found: tuple[int, ...] = self.cleaned_data["people"]
        return found


def _field(asked: inputs.Asked) -> forms.Field:
    options: dict[str, Any] = {
        "label": asked.label,
        "help_text": asked.help,
        "initial": asked.default,
        "required": False,
    }
    if asked.kind == "choice":
        return forms.ChoiceField(choices=inputs.ORGANISATIONS, **options)
    if asked.kind == "hours":
        return forms.CharField(max_length=LONGEST, **options)
    return forms.FloatField(localize=True, error_messages={"invalid": "Écrivez un nombre."}, **options)


class TodayForm(StudyForm):
    """The hour, the calls of now against those expected, the posts held on each line (empty: those of the plan)."""

    heure = forms.IntegerField(label="Heure", min_value=0, max_value=23, required=False)
    appels_maintenant = forms.FloatField(
        label="Appels, en % de l’attendu", initial=100, min_value=0, max_value=1_000, localize=True, required=False
    )
    tenus_n1 = forms.IntegerField(label="Décroché", min_value=0, max_value=10_000, required=False)
    tenus_n2_amu = forms.IntegerField(label="N2 AMU", min_value=0, max_value=10_000, required=False)
    tenus_n2_snp = forms.IntegerField(label="N2 SNP", min_value=0, max_value=10_000, required=False)
    tenus_n3_amu = forms.IntegerField(label="N3 médecin AMU", min_value=0, max_value=10_000, required=False)
    tenus_n3_snp = forms.IntegerField(label="N3 médecin SNP", min_value=0, max_value=10_000, required=False)
    LINES = ("n1", "n2_amu", "n2_snp", "n3_amu", "n3_snp")

    @property
    def now(self) -> list[forms.BoundField]:
        return [self[name] for name in ("heure", "appels_maintenant", *(f"tenus_{line}" for line in self.LINES))]

    @property
    def posts(self) -> dict[str, int]:
        found = {line: self.cleaned_data.get(f"tenus_{line}") for line in self.LINES}
        found["arm"] = found["n1"]
        return {line: count for line, count in found.items() if count is not None}

    @property
    def factor(self) -> float:
        share: float | None = self.cleaned_data.get("appels_maintenant")
        return 1.0 if share is None else share / 100


BUSY, USUAL, TYPICAL_WEEK, FORECAST = "charge", "moyen", "type", "prevision"


class ShiftsForm(StudyForm):
    """What shifts must cover: a typical week by weekday, or the calls of the last forecast."""

    source = forms.ChoiceField(label="Appels", required=False, initial=TYPICAL_WEEK)
    semaine = forms.CharField(
        label="Appels du lundi au dimanche", max_length=LONGEST, required=False,
        help_text="7 nombres (proportions) ; vide : jours égaux",
    )  # fmt: skip
    jour = forms.ChoiceField(
        label="Couvrir", required=False, initial=USUAL,
        choices=[(USUAL, "le jour moyen"), (BUSY, "le jour chargé (un sur dix)")],
    )  # fmt: skip

    def __init__(self, *args: Any, forecast: CallForecast | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.forecast = forecast
        choices = [(TYPICAL_WEEK, "semaine type, ci-dessous")]
        if forecast:
            choices.append((FORECAST, f"prévision dès le {forecast.first:%d/%m/%Y}"))
        source = self.fields["source"]
        assert isinstance(source, forms.ChoiceField)  # noqa: S101  (for the type)
        source.choices = choices

    @property
    def week(self) -> list[forms.BoundField]:
        return [self[name] for name in ("source", "semaine", "jour")]

    def clean_semaine(self) -> tuple[float, ...]:
        try:
            return inputs.weekdays(self.cleaned_data["semaine"])
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from refusal

    def asked(self, *, kinds: tuple[RoleKind, ...], zone: str) -> Asked:
        values = self.cleaned_data
        busy = values["jour"] == BUSY
        if values["source"] == FORECAST and self.forecast:
            told = f"Appels de la prévision du {self.forecast.at:%d/%m/%Y}, dès le {self.forecast.first:%d/%m/%Y}"
            rates = rates_of(self.forecast, zone, busy=busy)
            return Asked(self.study, kinds, busy=busy, rates=rates, source=told + ", haut de l’intervalle" * busy)
        return Asked(self.study, kinds, values["semaine"] or SAME_DAYS, busy)


PHASES = "Un territoire : 30 %, 8 à 20\nLa moitié : 60 %, 8 à 20\nTout, jour et nuit : 100 %, 0 à 24"


class RampForm(StudyForm):
    etapes = forms.CharField(
        label="Étapes",
        max_length=2_000,
        required=False,
        initial=PHASES,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="une par ligne, « nom : part des appels, heures », par exemple « Un territoire : 30 %, 8 à 20 »",
    )

    def clean_etapes(self) -> tuple[Phase, ...]:
        lines = [line for line in (self.cleaned_data["etapes"] or PHASES).splitlines() if line.strip()]
        if len(lines) > 12:
            raise forms.ValidationError(f"{len(lines)} étapes ; douze au plus.")
        return tuple(_phase(line) for line in lines)


def _phase(line: str) -> Phase:
    name, _, rest = line.rpartition(":")
    figures = [part for part in rest.replace("%", " ").replace(",", " ").replace("h", " ").split() if part != "à"]
    try:
        part, first, last = (float(figure) for figure in figures)
        return Phase(name.strip()[:60] or "Étape", part / 100, int(first), int(last))
    except Unacceptable as error:
        raise forms.ValidationError(str(error)) from error
    except ValueError:
        raise forms.ValidationError(f"« {line.strip()[:60]} » : écrivez « nom : 30 %, 8 à 20 ».") from None


class PoolingForm(forms.Form):
    """SAMU of the national survey to pool, each with the staff that its own target asks."""

    centres = forms.MultipleChoiceField(
        label="Centres",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez deux centres au moins."},
    )
    pointe = forms.FloatField(
        label="Heure de pointe ÷ heure moyenne", initial=1.6, min_value=0.1, max_value=10, localize=True
    )
    duree = forms.FloatField(label="Durée moyenne d’un appel (s)", initial=150, localize=True)
    qs_part = forms.FloatField(label="Objectif de chacun (%)", initial=70, localize=True)
    qs_delai = forms.FloatField(label="… en moins de (s)", initial=30, localize=True)
    occupation = forms.FloatField(label="Occupation maximale (%)", initial=85, localize=True)

    def __init__(self, *args: Any, year: Year, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {one.samu.finess: one for one in year.all if one.samu.presented and one.samu.presented > 10_000}
        field = self.fields["centres"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  (for the type)
        field.choices = [(finess, label(one)) for finess, one in sorted(self.known.items(), key=_by_departement)]

    def clean_centres(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["centres"]
        if len(chosen) < 2:
            raise forms.ValidationError("Choisissez deux centres au moins.")
        return chosen

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                self.cleaned_data["asked"] = self._asked(self.cleaned_data)
            except Unacceptable as error:
                self.add_error(None, str(error))
        return self.cleaned_data

    def _asked(self, values: dict[str, Any]) -> Pooling:
        centres = tuple(
            Centre(label(self.known[finess]), self.known[finess].samu.calls_per_hour or 0)
            for finess in values["centres"]
        )
        goal = Goal(values["qs_part"] / 100, values["qs_delai"], values["occupation"] / 100)
        return Pooling(centres, handling_s=values["duree"], peak=values["pointe"], goal=goal)


def _by_departement(item: tuple[str, Known]) -> tuple[str, str]:
    return item[1].samu.departement, item[0]


def label(one: Known) -> str:
    return f"{one.samu.departement} {one.samu.name[:40]}"


def initial_centres(year: Year, codes: Iterable[str]) -> list[str]:
    wanted = frozenset(codes)
    return [one.samu.finess for one in year.of_departements(wanted) if one.samu.presented]
