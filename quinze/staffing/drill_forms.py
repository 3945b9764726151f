"""The form of the crisis drill: that of a study, and what the drill asks. Read from the address."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django import forms

from quinze.base.errors import Refusal
from quinze.staffing import drill_inputs
from quinze.staffing.drill import Drill
from quinze.staffing.drill_inputs import Day
from quinze.staffing.forms import LONGEST, StudyForm
from quinze.staffing.inputs import Asked

FIRST, LAST = date(2000, 1, 3), date(2100, 1, 1)
WIDGETS: dict[str, Callable[[], forms.Widget]] = {
    "date": lambda: forms.DateInput(attrs={"type": "date"}),
    "time": lambda: forms.TimeInput(attrs={"type": "time"}),
}


class DrillForm(StudyForm):
    """Everything is read as text by `drill_inputs`, as from a file."""

    def __init__(self, *args: Any, day_of: Callable[[date], Day] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day_of = day_of
        for asked in drill_inputs.ASKED.values():
            self.fields[asked.key] = _field(asked)

    @property
    def drill_sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(name, [self[asked.key] for asked in section]) for name, section in drill_inputs.SECTIONS.items()]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors:
            try:
                self.cleaned_data["drill"] = self._drill()
            except Refusal as refusal:
                self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
        return self.cleaned_data

    def _drill(self) -> Drill:
        """A name that the address does not have takes its default; an empty one says no."""
        values = {key: self.cleaned_data[key] for key in drill_inputs.ASKED if key in self.data}
        return drill_inputs.drill_of(values, study=self.study, day=self._day(values.get("date", "")))

    def _day(self, given: str) -> Day:
        if not given or self.day_of is None:
            return Day()
        try:
            chosen = date.fromisoformat(given)
        except ValueError:
            raise Refusal(f"Jour : « {given[:20]} » ; une date comme 2026-12-24.", field="date") from None
        if not FIRST <= chosen <= LAST - timedelta(days=1):
            raise Refusal(f"Jour : « {given} » ; de {FIRST:%d/%m/%Y} à {LAST:%d/%m/%Y}.", field="date")
        return self.day_of(chosen)

    @property
    def drill(self) -> Drill:
        found: Drill = self.cleaned_data["drill"]
        return found


def _field(asked: Asked) -> forms.Field:
    options: dict[str, Any] = {
        "label": asked.label, "help_text": asked.help, "initial": asked.default, "required": False,
    }  # fmt: skip
    if asked.kind == "yes":
        return forms.ChoiceField(choices=[("non", "non"), ("oui", "oui")], **options)
    if asked.kind in WIDGETS:
        options["widget"] = WIDGETS[asked.kind]()
    return forms.CharField(max_length=LONGEST, **options)
