"""The charter as a form: one block a level. What it builds is checked whole by the science of the charter."""

from typing import Any

from django import forms
from django.http import QueryDict

from quinze.orientation.charter_labels import MODALITIES, OFFERS, ORDERS, SELECTORS, WITHIN
from quinze.orientation.forms import windows
from quinze.science.charter import Fault


def _order(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", "–"), *ORDERS.items()])


class HeadForm(forms.Form):
    title = forms.CharField(label="Titre", max_length=200)
    authors = forms.CharField(label="Auteurs, séparés par des virgules", max_length=300)
    agreed_on = forms.DateField(
        label="Date d’accord du comité territorial",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Cette date n’existe pas. Exemple : 12/11/2026."},
    )


class LevelForm(forms.Form):
    use_required_attribute = False

    name = forms.CharField(label="Nom du niveau", max_length=120, required=False)
    who = forms.ChoiceField(label="Qui", choices=list(SELECTORS.items()))
    values = forms.CharField(
        label="Lesquels",
        required=False,
        max_length=200,
        help_text="séparés par des virgules : SOS, MMG ; individual, cpts",
    )
    offer = forms.MultipleChoiceField(
        label="Offre", required=False, choices=list(OFFERS.items()), widget=forms.CheckboxSelectMultiple
    )
    within = forms.ChoiceField(label="Jusqu’à", choices=list(WITHIN.items()))
    within_value = forms.FloatField(
        label="Combien", required=False, error_messages={"invalid": "Un nombre est attendu."}
    )
    when = forms.CharField(
        label="Quand (vide : toujours)",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": windows.EXAMPLE}),
        help_text="une plage par ligne",
    )
    modalities = forms.MultipleChoiceField(
        label="Seulement pour", required=False, choices=list(MODALITIES.items()), widget=forms.CheckboxSelectMultiple
    )
    min_age = forms.IntegerField(label="Âge dès (ans)", required=False, min_value=0, max_value=120)
    max_age = forms.IntegerField(label="Âge avant (ans)", required=False, min_value=0, max_value=120)
    after_minutes = forms.IntegerField(label="S’ouvre après (min)", required=False, min_value=1)
    unserved_hours = forms.IntegerField(label="ou si rien au-dessus avant (h)", required=False, min_value=1)
    order_1, order_2, order_3 = _order("Ordre : d’abord"), _order("puis"), _order("puis")

    def clean_when(self) -> list[dict[str, Any]]:
        try:
            return windows.read(self.cleaned_data["when"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def document(self) -> dict[str, Any]:
        """This level in the shape of the charter; faults of form are told by the form itself."""
        data = self.cleaned_data
        values = [value.strip() for value in data.get("values", "").split(",") if value.strip()]
        opens = {key: data[key] for key in ("after_minutes", "unserved_hours") if data.get(key) is not None}
        return {
            "name": data.get("name", ""),
            "who": {data["who"]: values} if values else data.get("who"),
            "offer": data.get("offer", []),
            "within": self._within(),
            "when": data.get("when", []),
            "needs": self._needs(),
            "opens": opens,
            "order": [data[key] for key in ("order_1", "order_2", "order_3") if data.get(key)],
        }

    def _within(self) -> Any:
        kind, value = self.cleaned_data.get("within"), self.cleaned_data.get("within_value")
        if kind == "none":
            return None
        if kind == "default":
            return "default"
        return {kind: int(value) if kind == "minutes" and value is not None else value}

    def _needs(self) -> dict[str, Any]:
        data = self.cleaned_data
        needs: dict[str, Any] = {"modality": data["modalities"]} if data.get("modalities") else {}
        ages = {"min_age_months": data.get("min_age"), "max_age_months": data.get("max_age")}
        return needs | {key: years * 12 for key, years in ages.items() if years is not None}


def level_form(level: dict[str, Any], index: int) -> LevelForm:
    who, within = level.get("who"), level.get("within", "default")
    selector, values = next(iter(who.items())) if isinstance(who, dict) else (who, [])
    kind, value = (
        next(iter(within.items())) if isinstance(within, dict) else ("none" if within is None else "default", None)
    )
    needs, opens, order = level.get("needs") or {}, level.get("opens") or {}, [*(level.get("order") or []), "", "", ""]
    initial = {
        "name": level.get("name", ""),
        "who": selector,
        "values": ", ".join(values),
        "offer": level.get("offer", []),
        "within": kind,
        "within_value": value,
        "when": windows.write(level.get("when") or []),
        "modalities": needs.get("modality", []),
        "min_age": _years(needs.get("min_age_months")),
        "max_age": _years(needs.get("max_age_months")),
        "after_minutes": opens.get("after_minutes"),
        "unserved_hours": opens.get("unserved_hours"),
        "order_1": order[0],
        "order_2": order[1],
        "order_3": order[2],
    }
    return LevelForm(prefix=f"level-{index}", initial=initial)


def _years(months: int | None) -> int | None:
    return None if months is None else months // 12


def posted_levels(data: QueryDict) -> list[LevelForm]:
    """As many blocks as the page sent, in its order; never more than a charter may hold."""
    said = str(data.get("levels", ""))
    count = min(int(said) if said.isdigit() else 0, 40)
    return [LevelForm(data, prefix=f"level-{index}") for index in range(count)]


BESIDE = {
    "who": "who",
    "offer": "offer",
    "within": "within_value",
    "when": "when",
    "needs": "max_age",
    "opens": "after_minutes",
    "order": "order_1",
    "name": "name",
}


def tell_faults(forms_: list[LevelForm], faults: tuple[Fault, ...] | list[Fault]) -> list[str]:
    """Each fault beside the field it is about; those of the charter as a whole are returned."""
    left = []
    for fault in faults:
        parts = str(fault.path).replace("[", ".").replace("]", "").split(".")
        if parts[0] == "levels" and len(parts) > 1 and parts[1].isdigit() and int(parts[1]) < len(forms_):
            form = forms_[int(parts[1])]
            form.add_error(BESIDE.get(parts[2], "name") if len(parts) > 2 else "name", fault.message)
        else:
            left.append(fault.message)
    return left
