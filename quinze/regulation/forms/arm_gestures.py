"""The short forms of an ARM around a file; sent with the whole page, so that what was typed elsewhere is kept."""

from collections.abc import Mapping
from typing import Any

from django import forms

from quinze.regulation import queries
from quinze.regulation.forms.gestures import Callback, Gesture, Note, Redirect, Reopen, WithdrawP0


def _closings() -> list[tuple[str, str]]:
    return [("", "choisir pourquoi…"), *((code.code, code.label) for code in queries.closing_codes())]


class Close(Gesture):
    attribution = forms.ChoiceField(label="Clore sans médecin", required=False, choices=_closings)
    text = forms.CharField(
        label="Précision",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"maxlength": 300, "autocomplete": "off"}),
    )


FORMS: dict[str, type[Gesture]] = {
    "callback": Callback,
    "redirect": Redirect,
    "note": Note,
    "withdraw_p0": WithdrawP0,
    "reopen": Reopen,
    "close": Close,
}
INITIAL = {"callback": {"minutes": "20"}}


def arm_gestures(*, typed: tuple[str, Mapping[str, Any]] | None = None) -> dict[str, Gesture]:
    """Every short form, the one that was refused with what was typed in it."""
    name, data = typed or ("", None)
    return {
        each: kind(data if each == name else None, initial=INITIAL.get(each), prefix=each)
        for each, kind in FORMS.items()
    }
