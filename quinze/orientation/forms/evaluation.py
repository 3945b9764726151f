"""What a nurse writes from their telephone after a visit."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django import forms

from quinze.availability.forms import HourField, RefusableForm
from quinze.base.periods import local_instant
from quinze.orientation.forms.osnp import text_field
from quinze.orientation.models import CONSTANTS, Booking, NurseReport
from quinze.orientation.operations.evaluating import EARLIEST, LONGEST_CONSTANT, LONGEST_FOUND, Seen

TOO_LONG = f"Écrivez {LONGEST_FOUND} caractères au plus."


class ReportForm(RefusableForm):
    use_required_attribute = False
    seen_at = HourField(label="Vu à")
    found = forms.CharField(
        label="Ce que vous avez vu",
        max_length=LONGEST_FOUND,
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": LONGEST_FOUND}),
        error_messages={"required": "Écrivez ce que vous avez vu.", "max_length": TOO_LONG},
    )
    conclusion = forms.ChoiceField(
        label="Conclusion : la personne",
        choices=NurseReport.Conclusion.choices,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choisissez une conclusion."),
    )
    known = forms.IntegerField(min_value=0, max_value=1000, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, label in CONSTANTS.items():
            self.fields[name] = text_field(label, size=LONGEST_CONSTANT)

    @property
    def constants(self) -> list[forms.BoundField]:
        return [self[name] for name in CONSTANTS]

    def seen(self, booking: Booking) -> Seen:
        """That hour of the day of the appointment, of the next one past midnight."""
        data, zone = self.cleaned_data, booking.place.zone
        day = booking.starts_at.astimezone(ZoneInfo(zone)).date()
        hour = local_instant(day, data["seen_at"], zone)
        if hour < booking.starts_at - EARLIEST:
            hour = local_instant(day + timedelta(days=1), data["seen_at"], zone)
        return Seen(hour, data["found"], data["conclusion"], {name: data[name] for name in CONSTANTS})
