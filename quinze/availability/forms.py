"""What a doctor types: an opening rule, an absence, who stands in, the terms of taking part."""

import re
from collections.abc import Iterable, Sequence, Set
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from quinze.availability.amendment import Scope
from quinze.availability.limits import YEAR, age_words
from quinze.availability.models import MOST_NOTICE, Audience, Cover, Modality, OpeningRule
from quinze.availability.opening import WEEKDAYS, RuleSpec
from quinze.base.codes import code_list
from quinze.base.errors import Refusal
from quinze.base.periods import local_instant
from quinze.directory.models import Participation, Place, Structure

DATE = {"invalid": "Cette date ne se lit pas : écrivez-la ainsi, 24/12/2026."}
UNREAD = "Cette heure ne se lit pas : écrivez-la ainsi, 14:00."
MINUTES = [(minutes, f"{minutes} min") for minutes in (10, 15, 20, 30, 45, 60)]
MOST_MONTHS = 130 * YEAR
DATE_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
AGE = re.compile(r"(\d{1,3})\s*(an|ans|mois|m|a)?", re.IGNORECASE)
HOUR = re.compile(r"(\d{1,2})(?:\s*[:hH.]?\s*(\d{2})?)?")


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    widget = DayInput

    def __init__(self, **options: Any) -> None:
        messages = DATE | options.pop("error_messages", {})
        super().__init__(input_formats=DATE_FORMATS, error_messages=messages, **options)


class HourField(forms.TimeField):
    """« 14:00 », « 14h », « 14 h 30 », « 1430 ». Typed: a browser's own clock may count by twelve."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 8, "autocomplete": "off"})

    def __init__(self, **options: Any) -> None:
        super().__init__(error_messages={"required": "Donnez une heure.", "invalid": UNREAD}, **options)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else value

    def to_python(self, value: Any) -> time | None:
        if value in self.empty_values or isinstance(value, time):
            return value or None
        match = HOUR.fullmatch(str(value).strip())
        try:
            return time(int(match[1]), int(match[2] or 0)) if match else super().to_python(value)
        except ValueError as nonsense:
            raise ValidationError(UNREAD, code="invalid") from nonsense


class AgeField(forms.CharField):
    """« 3 mois », « 16 ans », « 16 »: kept in months."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "off", "size": 8}
        super().__init__(required=False, max_length=12, widget=forms.TextInput(attrs=attrs), **options)

    def prepare_value(self, value: Any) -> Any:
        return age_words(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        match = AGE.fullmatch(typed.strip())
        months = int(match[1]) * (1 if (match[2] or "a").lower().startswith("m") else YEAR) if match else None
        if months is None or months > MOST_MONTHS:
            raise ValidationError("Cet âge ne se lit pas : écrivez « 16 ans » ou « 3 mois ».", code="invalid")
        return months


class HoursField(forms.IntegerField):
    """Typed in hours, kept in minutes."""

    def __init__(self, **options: Any) -> None:
        wrong = "Donnez un nombre d’heures, de 0 à 336."
        messages = dict.fromkeys(("invalid", "min_value", "max_value"), wrong)
        super().__init__(min_value=0, max_value=MOST_NOTICE // 60, required=False, error_messages=messages, **options)

    def prepare_value(self, value: Any) -> Any:
        return value // 60 if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        return (super().clean(value) or 0) * 60


class RefusableForm(forms.Form):
    """An operation's refusal goes beside the field it names, what was typed stays."""

    beside: dict[str, str] = {}

    def refuse(self, refusal: Refusal) -> None:
        name = self.beside.get(refusal.field or "", refusal.field)
        self.add_error(name if name in self.fields else None, refusal.message)


FOLDED = {
    "kind", "capacity", "every_weeks", "modalities", "day", "valid_from", "valid_until", "on_holidays", "off_bridges",
    "buffer_minutes",
}  # fmt: skip
LIMITS = {"min_age_months", "max_age_months", "only_known", "notice_minutes", "specialties", "reasons"}
SCOPES = [
    (Scope.ALL, "Toute la règle"),
    (Scope.ONCE, "Cette date seulement"),
    (Scope.FOLLOWING, "Cette date et les suivantes"),
]


class ScopeForm(RefusableForm):
    """Over which dates a rule is changed, or closed."""

    scope = forms.TypedChoiceField(
        label="Ce changement vaut pour", choices=SCOPES, coerce=Scope, required=False, empty_value=Scope.ALL,
        widget=forms.RadioSelect, initial=Scope.ALL,
    )  # fmt: skip
    occurrence = DayField(label="Date", required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        said.setdefault("scope", Scope.ALL)
        said.setdefault("occurrence", None)
        partial = said.get("scope", Scope.ALL) is not Scope.ALL
        if partial and not said.get("occurrence") and "occurrence" not in self.errors:
            self.add_error("occurrence", ValidationError("Donnez la date de l’ouverture à changer."))
        return said

    @property
    def over(self) -> dict[str, Any]:
        """Scope and day, as operations want them."""
        return {"scope": self.cleaned_data["scope"], "day": self.cleaned_data["occurrence"] or date.min}


class DayForm(forms.Form):
    day = DayField()


class RuleForm(ScopeForm):
    place = forms.TypedChoiceField(label="Lieu", coerce=int)
    weekdays = forms.TypedMultipleChoiceField(
        label="Jours",
        coerce=int,
        choices=[(n, f"{name[:3]}.") for n, name in enumerate(WEEKDAYS)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    day = DayField(label="Ou une seule date", required=False)
    starts = HourField(label="De", initial=time(14))
    ends = HourField(label="À", initial=time(17))
    slot_minutes = forms.TypedChoiceField(label="Durée", choices=MINUTES, coerce=int, initial=20)
    kind = forms.ChoiceField(
        label="Comment",
        choices=[(OpeningRule.Kind.SLOTS, "Créneaux"), (OpeningRule.Kind.PLAGE, "Plage sans heure")],
        widget=forms.RadioSelect,
        initial=OpeningRule.Kind.SLOTS,
    )
    capacity = forms.IntegerField(
        label="Patients",
        min_value=1,
        max_value=99,
        initial=1,
        help_text="par créneau, ou pour toute la plage",
        error_messages={
            "invalid": "Donnez un nombre de patients.",
            "min_value": "Un patient au moins.",
            "max_value": "99 patients au plus.",
        },
    )
    audience = forms.ChoiceField(
        label="Qui voit ces créneaux", choices=Audience.choices, widget=forms.RadioSelect, initial=Audience.SNP
    )
    cpts = forms.TypedChoiceField(label="Quelle CPTS", coerce=int, required=False, empty_value=None)
    modalities = forms.MultipleChoiceField(
        label="Sous quelle forme",
        choices=Modality.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Modality.CABINET],
        error_messages={"required": "Cochez au moins une forme."},
    )
    every_weeks = forms.IntegerField(
        label="Une semaine sur",
        min_value=1,
        max_value=52,
        initial=1,
        error_messages={
            "min_value": "De 1 à 52.",
            "max_value": "De 1 à 52.",
            "invalid": "Donnez un nombre, de 1 à 52.",
        },
    )
    valid_from = DayField(label="À partir du", error_messages={"required": "Donnez le premier jour."})
    valid_until = DayField(label="Jusqu’au (inclus)", required=False)
    on_holidays = forms.BooleanField(label="Aussi les jours fériés", required=False)
    off_bridges = forms.BooleanField(label="Pas les ponts", required=False)
    buffer_minutes = forms.IntegerField(
        label="Pause entre deux",
        min_value=0,
        max_value=120,
        required=False,
        initial=0,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "De 0 à 120 minutes."),
    )
    min_age_months = AgeField(label="À partir de")
    max_age_months = AgeField(label="Moins de")
    only_known = forms.BooleanField(label="Patients que j’ai déjà vus seulement", required=False)
    notice_minutes = HoursField(label="Me prévenir au moins (heures avant)")
    specialties = forms.MultipleChoiceField(label="Seulement pour les demandes de", required=False)
    reasons = forms.CharField(label="Gardé pour", max_length=120, required=False)

    def __init__(
        self,
        *args: Any,
        places: Iterable[Place],
        cpts: Sequence[Structure] = (),
        today: date,
        specialty: str = "",
        repeats: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        choices = [(place.pk, place.name or place.address) for place in places]
        self._field("place").choices = choices
        self._field("cpts").choices = [("", "Aucune"), *((each.pk, each.name) for each in cpts)]
        if choices:
            self.fields["place"].initial = choices[0][0]
        if len(choices) == 1:
            self.fields["place"].widget = forms.HiddenInput()
        if not cpts:
            self.fields["cpts"].widget = forms.HiddenInput()
            audiences = [(value, label) for value, label in Audience.choices if value != Audience.CPTS]
            self._field("audience").choices = audiences
        self.fields["valid_from"].initial = today
        if len(cpts) == 1:
            self.fields["cpts"].initial = cpts[0].pk
        self._offer_specialties(specialty)
        if not repeats:
            del self.fields["scope"], self.fields["occurrence"]

    def _offer_specialties(self, own: str) -> None:
        """A search by specialty only reaches those who have it, or who have none: only the latter may choose."""
        if own:
            del self.fields["specialties"]
        else:
            kinds = [(each.code, each.label) for each in code_list("specialties") if each.code.startswith("SM")]
            self._field("specialties").choices = kinds

    @property
    def more_is_open(self) -> bool:
        """The folded part opens when something in it is wrong, or is not as usual."""
        usual = {"kind": OpeningRule.Kind.SLOTS, "capacity": 1, "every_weeks": 1, "modalities": [Modality.CABINET]}
        return self._is_unusual(usual, FOLDED)

    @property
    def limits_are_open(self) -> bool:
        return self._is_unusual({}, LIMITS)

    def _is_unusual(self, usual: dict[str, Any], names: Set[str]) -> bool:
        told = names - usual.keys() - {"valid_from"}
        unusual = any(self.initial.get(name, value) != value for name, value in usual.items())
        return unusual or any(self.initial.get(name) for name in told) or bool(self.errors.keys() & names)

    def _field(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        return field

    @staticmethod
    def values_of(spec: RuleSpec) -> dict[str, Any]:
        """The rule as the form shows it."""
        values = {name: getattr(spec, name) for name in RuleSpec.__slots__}
        lists = {"modalities": list(spec.modalities), "specialties": list(spec.specialties)}
        boxes = {"off_bridges": not spec.on_bridges, "only_known": not spec.new_patients}
        return values | lists | boxes | {"place": spec.place_id, "cpts": spec.cpts_id}

    def spec(self) -> RuleSpec:
        said = dict(self.cleaned_data)
        weekdays = () if said["day"] else tuple(sorted(said.pop("weekdays")))
        said.pop("weekdays", None)
        for name in ("scope", "occurrence"):
            said.pop(name)
        said |= {name: tuple(said.get(name, ())) for name in ("modalities", "specialties")}
        said["buffer_minutes"] = said["buffer_minutes"] or 0
        said["on_bridges"], said["new_patients"] = not said.pop("off_bridges"), not said.pop("only_known")
        cpts = said.pop("cpts") if said["audience"] == Audience.CPTS else said.pop("cpts") and None
        return RuleSpec(place_id=said.pop("place"), cpts_id=cpts, weekdays=weekdays, **said)


class AbsenceForm(RefusableForm):
    """From an instant to another, or until further notice."""

    beside = {"start": "from_day", "until": "until_day"}

    from_day = DayField(label="Du", error_messages={"required": "Donnez le premier jour."})
    from_time = HourField(label="à partir de", initial=time(0))
    until_day = DayField(label="Au (inclus)", required=False)
    until_time = HourField(label="jusqu’à", required=False)
    open_ended = forms.BooleanField(label="Jusqu’à nouvel ordre", required=False)
    place = forms.TypedChoiceField(label="Où", coerce=int, required=False, empty_value=None)
    reason = forms.CharField(
        label="Motif, pour vous seul", max_length=120, required=False, help_text="Le SAS ne le voit jamais."
    )

    def __init__(self, *args: Any, places: Sequence[Place], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [("", "Partout"), *((place.pk, place.name or place.address) for place in places)]
        if len(places) < 2:
            field.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if "until_day" in said and not said["until_day"] and not said.get("open_ended"):
            self.add_error("until_day", ValidationError("Donnez le dernier jour, ou cochez « jusqu’à nouvel ordre »."))
        return said

    def start(self, zone: str) -> datetime:
        return local_instant(self.cleaned_data["from_day"], self.cleaned_data["from_time"], zone)

    def end(self, zone: str) -> datetime | None:
        """Without an hour, the last day is away to its end."""
        said = self.cleaned_data
        if said["open_ended"]:
            return None
        if said["until_time"] is None:
            following = date.fromordinal(said["until_day"].toordinal() + 1)
            return local_instant(following, time.min, zone)
        return local_instant(said["until_day"], said["until_time"], zone)


class TermsForm(RefusableForm):
    accepts_overbooking = forms.BooleanField(label="J’accepte des patients en plus de mes créneaux", required=False)
    overbooking_per_day = forms.IntegerField(
        label="Combien par jour, au plus",
        min_value=0,
        max_value=50,
        required=False,
        error_messages={"invalid": "Donnez un nombre.", "min_value": "De 1 à 50.", "max_value": "De 1 à 50."},
    )
    accepts_visits = forms.BooleanField(label="J’accepte des visites à domicile", required=False)
    accepts_teleconsultation = forms.BooleanField(label="J’accepte des téléconsultations", required=False)
    takes_reorientations = forms.BooleanField(label="J’accepte les réorientations des urgences", required=False)
    shows_pro_slots = forms.BooleanField(label="Le SAS voit aussi mes créneaux pour soignants", required=False)
    shows_public_slots = forms.BooleanField(label="Le SAS voit aussi mes créneaux publics", required=False)

    @classmethod
    def values_of(cls, participation: Participation) -> dict[str, Any]:
        return {name: getattr(participation, name) for name in cls.base_fields}

    def clean_overbooking_per_day(self) -> int:
        return self.cleaned_data["overbooking_per_day"] or 0


class CoverForm(RefusableForm):
    """Who receives in the doctor's place, one day, from an hour to another."""

    beside = {"start": "starts", "end": "ends"}

    name = forms.CharField(
        label="Qui vous remplace", max_length=120, error_messages={"required": "Donnez son nom."},
        widget=forms.TextInput(attrs={"list": "substitutes", "autocomplete": "off"}),
    )  # fmt: skip
    quality = forms.ChoiceField(label="En qualité de", choices=Cover.Quality.choices, initial="replacement")
    day = DayField(label="Le", error_messages={"required": "Donnez le jour."})
    starts = HourField(label="de")
    ends = HourField(label="à")

    def __init__(self, *args: Any, known: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        if len(known) == 1 and not self.initial.get("name"):
            self.initial["name"] = known[0]

    def hours(self, zone: str) -> tuple[datetime, datetime]:
        """An end before the start is that of the following day: nights are regulated too."""
        said = self.cleaned_data
        last = date.fromordinal(said["day"].toordinal() + (said["ends"] <= said["starts"]))
        return local_instant(said["day"], said["starts"], zone), local_instant(last, said["ends"], zone)
