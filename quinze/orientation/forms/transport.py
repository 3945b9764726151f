"""What an OSNP types of a transport. Nothing asks why the person cannot come by themselves."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from quinze.availability.forms import DayField, HourField, RefusableForm
from quinze.base.periods import local_instant
from quinze.base.phones import as_said
from quinze.orientation.forms.osnp import text_field
from quinze.orientation.models import Booking, Transport
from quinze.orientation.operations.transport import Agreed, Prescribed

BOTH, THERE, BACK = "both", "there", "back"
JOURNEYS = ((BOTH, "Aller et retour"), (THERE, "Aller"), (BACK, "Retour"))


class PrescribedForm(RefusableForm):
    use_required_attribute = False
    beside = {"prescribed_at": "day"}
    kind = forms.ChoiceField(
        label="Transport",
        choices=[(value, label[0].upper() + label[1:]) for value, label in Transport.Kind.choices],
        error_messages={"required": "Choisissez un transport.", "invalid_choice": "Choisissez dans la liste."},
    )
    journey = forms.ChoiceField(
        label="Trajet",
        choices=JOURNEYS,
        error_messages={"required": "Choisissez un trajet.", "invalid_choice": "Choisissez dans la liste."},
    )
    prescriber = text_field("Médecin qui l’a prescrit", size=120, required=True)
    day = DayField(label="Prescrit le", error_messages={"required": "Donnez le jour de la prescription."})
    hour = HourField(label="Heure")

    def wish(self, zone: str) -> Prescribed:
        data = self.cleaned_data
        return Prescribed(
            kind=data["kind"],
            there=data["journey"] in (BOTH, THERE),
            back=data["journey"] in (BOTH, BACK),
            prescriber=data["prescriber"],
            prescribed_at=local_instant(data["day"], data["hour"], zone),
        )


class AgreedForm(RefusableForm):
    use_required_attribute = False
    company = text_field("Demandé à", size=120)
    phone = text_field("Téléphone", size=20, inputmode="tel")
    pick_up = HourField(label="Prise en charge", required=False)
    going_back = HourField(label="Retour (vide : à l’appel du cabinet)", required=False)

    def agreed(self, booking: Booking) -> Agreed:
        data = self.cleaned_data
        return Agreed(
            company=data["company"],
            phone=data["phone"],
            pick_up_at=_near(booking, data["pick_up"], before=True),
            return_at=_near(booking, data["going_back"], before=False),
        )


def _near(booking: Booking, hour: time | None, *, before: bool) -> datetime | None:
    """That hour of the day of the appointment; of the day before or after only when the appointment is by night."""
    if hour is None:
        return None
    zone = booking.place.zone
    starts = booking.starts_at.astimezone(ZoneInfo(zone))
    found = local_instant(starts.date(), hour, zone)
    if before and found > starts and starts.hour < 6:
        return local_instant(starts.date() - timedelta(days=1), hour, zone)
    if not before and found < starts and starts.hour >= 18:
        return local_instant(starts.date() + timedelta(days=1), hour, zone)
    return found


def agreed_form(transport: Transport, data: Any = None) -> AgreedForm:
    """What is known already; the hours of an appointment that moved are asked again."""
    zone = ZoneInfo(transport.booking.place.zone)
    known = transport.state != Transport.State.REVIEW
    hours = {"pick_up": transport.pick_up_at, "going_back": transport.return_at} if known else {}
    initial = {name: at.astimezone(zone).time() for name, at in hours.items() if at}
    asked = transport.state != Transport.State.REFUSED  # another one, then
    company = {"company": transport.company, "phone": as_said(transport.phone)} if asked else {}
    return AgreedForm(data, prefix=f"t{transport.pk}", initial=initial | company)
