"""The short forms around a file: call back, send elsewhere, ask again, take back, write a note.

Their fields are sent with the whole page, so that what was typed elsewhere is saved by the same gesture.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from quinze.accounts.actor import Actor

STREAMS = [("", "choisir…"), ("AMU", "AMU"), ("SNP", "SNP")]
PRIORITIES = [("P1", "P1"), ("P2", "P2"), ("P3", "P3")]


class Gesture(forms.Form):
    use_required_attribute = False


def _line(label: str, *, size: int = 300, **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"maxlength": size, "autocomplete": "off", **attrs})
    return forms.CharField(label=label, required=False, max_length=size, widget=widget)


class Callback(Gesture):
    minutes = _line("Rappeler dans (min)", size=4, inputmode="numeric")
    reason = _line("Pourquoi rappeler", size=200)


class Redirect(Gesture):
    stream = forms.ChoiceField(label="Rediriger vers", required=False, choices=STREAMS)
    reason = _line("Pourquoi rediriger")


class Reevaluate(Gesture):
    reason = _line("Réévaluer, parce que")


class HandOver(Gesture):
    to = forms.ChoiceField(label="Confier à un confrère", required=False)


class Note(Gesture):
    text = _line("Note", size=2000)


class WithdrawP0(Gesture):
    priority = forms.ChoiceField(label="Retirer le P0, devient", required=False, choices=PRIORITIES)
    reason = _line("Pourquoi le retirer")


class Reopen(Gesture):
    reason = _line("Rouvrir, parce que")


FORMS: dict[str, type[Gesture]] = {
    "callback": Callback,
    "redirect": Redirect,
    "reevaluate": Reevaluate,
    "hand_over": HandOver,
    "note": Note,
    "withdraw_p0": WithdrawP0,
    "reopen": Reopen,
}
INITIAL: dict[str, dict[str, str]] = {"callback": {"minutes": "20"}}


def gestures(colleagues: Iterable[Actor], *, typed: tuple[str, Any] | None = None) -> dict[str, Gesture]:
    """Every short form, the one that was refused with what was typed in it."""
    name, data = typed or ("", None)
    made = {
        each: kind(data if each == name else None, initial=INITIAL.get(each), prefix=each)
        for each, kind in FORMS.items()
    }
    choices = [("", "choisir…"), *((f"{c.user.pk}:{c.role}", f"{c.user}, {c.role_label}") for c in colleagues)]
    made["hand_over"].fields["to"].choices = choices  # type: ignore[attr-defined]
    return made


def values_of(name: str, data: Mapping[str, str]) -> dict[str, str]:
    """What was typed in one of these forms."""
    return {key.removeprefix(f"{name}-"): data[key] for key in data if key.startswith(f"{name}-")}


def refused(forms_: dict[str, Gesture], name: str, *, field: str, message: str) -> None:
    """The refusal beside its field, in the form that was sent."""
    form = forms_.get(name)
    if form is None:
        return
    form.full_clean()
    form.errors.clear()
    form.add_error(field if field in form.fields else next(iter(form.fields)), message)
