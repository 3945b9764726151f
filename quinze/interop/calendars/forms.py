"""What a doctor types to link a calendar, and chooses to publish."""

from collections.abc import Sequence
from typing import Any

from django import forms

from quinze.availability.forms import RefusableForm
from quinze.availability.models import CalendarFeed
from quinze.availability.operations.feeds import FeedSpec
from quinze.base.errors import Refusal
from quinze.directory.models import Place
from quinze.interop.calendars import addresses, sealing
from quinze.interop.calendars.text import Unreadable

KINDS = [(CalendarFeed.Kind.ICS, "Adresse iCal"), (CalendarFeed.Kind.CALDAV, "CalDAV")]
OFF = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class FeedForm(RefusableForm):
    kind = forms.ChoiceField(
        label="Comment", choices=KINDS, widget=forms.RadioSelect, initial=CalendarFeed.Kind.ICS,
        error_messages={"invalid_choice": "Choisissez l’une des deux façons."},
    )  # fmt: skip
    address = forms.CharField(
        label="Adresse", max_length=addresses.LONGEST,
        widget=forms.TextInput(attrs=OFF | {"inputmode": "url"}),
        error_messages={"required": "Collez l’adresse de votre agenda.", "max_length": "Adresse trop longue."},
    )  # fmt: skip
    user = forms.CharField(label="Identifiant", max_length=200, required=False, widget=forms.TextInput(attrs=OFF))
    password = forms.CharField(
        label="Mot de passe", max_length=200, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    name = forms.CharField(label="Nom", max_length=60, required=False)
    place = forms.TypedChoiceField(label="Il vaut pour", coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, places: Sequence[Place], **options: Any) -> None:
        super().__init__(*args, **options)
        self._places = {place.pk: place for place in places}
        field: Any = self.fields["place"]
        field.choices = [("", "Tous mes lieux"), *((place.pk, place.name or place.address) for place in places)]
        if len(places) < 2:
            field.widget = forms.HiddenInput()

    def spec(self) -> FeedSpec:
        """Sealed at once. Raises Refusal for an address that Quinze will not open."""
        said = self.cleaned_data
        try:
            access = addresses.understood(said["address"], user=said["user"], password=said["password"])
            addresses.target(access.address)
        except Unreadable as refused:
            raise Refusal(refused.message, field="address", code=refused.code) from None
        host = addresses.host_of(access.address)
        return FeedSpec(
            name=said["name"] or host[:60],
            kind=said["kind"],
            host=host[:253],
            sealed=sealing.seal(access),
            fingerprint=sealing.fingerprint(f"{access.user} {access.address}"),
            place=self._places.get(said["place"]),
        )


class LinkForm(forms.Form):
    with_slots = forms.BooleanField(label="Aussi mes créneaux ouverts au SAS", required=False, initial=True)
    with_initials = forms.BooleanField(label="Avec les initiales du patient", required=False)
