"""What comes from outside the SAS: a doctor's calendars, a professional nobody knows yet, a company of ambulances."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.psc.identity import LEVELS, read
from quinze.accounts.roles import Role
from quinze.availability.models import CalendarFeed
from quinze.availability.operations.feeds import FeedSpec, Found, add_feed, record_failure, record_reading
from quinze.directory.models import Commune, Professional
from quinze.directory.operations.enrolment import request_enrolment
from quinze.interop.calendars.addresses import host_of
from quinze.interop.calendars.sealing import Access, fingerprint, seal
from quinze.interop.demo.names import LANDLINE
from quinze.interop.demo.staff import DOMAIN
from quinze.interop.demo.stories import GP
from quinze.orientation.models import Booking, Transport
from quinze.orientation.operations.transport import Agreed, Prescribed, change_transport, record_transport

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LOST = f"https://agenda.{DOMAIN}/cabinet.ics"  # a name that no server ever bears
READ = "static/interop/demonstration.ics"  # served by this very installation
NEWCOMER = "810998698765"  # a fictitious RPPS with its prefix
COMPANY, PHONE = "Ambulances fictives du Clain", f"{LANDLINE}0015"
State = Transport.State


def come(*, sas: Sas, at: datetime, doctors: list[Professional]) -> None:
    """Before the slots are made: busy times close them."""
    _calendars(doctors[0], sas, at)
    _newcomer(sas, at)


def _calendars(doctor: Professional, sas: Sas, at: datetime) -> None:
    """One that the job reads from its first passage, one whose server was lost yesterday: its last reading holds."""
    if doctor.account is None:
        return
    by = Actor(doctor.account, Role.EFFECTEUR, sas)
    # The browser's name of this machine may be a number that nothing listens on.
    here = settings.QUINZE_PUBLIC_URL.rstrip("/").replace("//localhost", "//127.0.0.1")
    add_feed(doctor, _spec("Agenda personnel", f"{here}/{READ}"), by=by, at=at)
    lost = add_feed(doctor, _spec("Agenda du cabinet", LOST), by=by, at=at - 40 * DAY)
    record_reading(
        lost.pk,
        Found(frozenset(), events=212, unreadable=0, octets=96_512, digest="", covers_until=at + 34 * DAY),
        at=at - 26 * HOUR,
    )
    for hours in (25, 20, 10):
        message = f"Le serveur « {host_of(LOST)} » est introuvable."
        record_failure(lost.pk, code="unknown_host", message=message, at=at - hours * HOUR)


def _spec(name: str, address: str) -> FeedSpec:
    access = Access(address)
    return FeedSpec(
        name=name, kind=CalendarFeed.Kind.ICS, host=host_of(address), sealed=seal(access),
        fingerprint=fingerprint(f" {address}"),
    )  # fmt: skip


def _newcomer(sas: Sas, at: datetime) -> None:
    """Logged in by Pro Santé Connect without being of the directory: an accounts manager answers."""
    town = Commune.objects.filter(departement_id=sas.code).order_by("-population", "insee")[0]
    place = {
        "raisonSocialeSite": "CABINET FICTIF DU DR TAMARIS", "libelleVoie": "rue du Clain",
        "codePostal": town.postal_codes[0], "codeCommune": town.insee, "codeModeExercice": "L",
    }  # fmt: skip
    practice = {"codeProfession": GP, "codeSavoirFaire": "SM54", "codeCiviliteDexercice": "DR", "activities": [place]}
    claims = {
        "SubjectNameID": NEWCOMER, "family_name": "TAMARIS", "given_name": "Elsa",
        "SubjectRefPro": {"exercices": [practice]},
    }  # fmt: skip
    request_enrolment(
        read(claims, level=LEVELS[0]), sas=sas, email=f"elsa.tamaris@{DOMAIN}",
        message="Installée depuis le 2 du mois, je peux recevoir deux personnes par jour.", commune=town,
        at=at - 6 * HOUR,
    )  # fmt: skip


def drive(*, sas: Sas, at: datetime, users: Mapping[str, User]) -> None:
    """Three people expected in the next days cannot come alone: a company said yes, one was asked, one is to be."""
    by = Actor(users["osnp.jour"], Role.OSNP, sas)
    coming = Booking.objects.filter(sas=sas, status="confirmed", slot__isnull=False, starts_at__gt=at + HOUR)
    chosen = coming.filter(modality="AMB").select_related("request__requested_by").order_by("starts_at", "pk")[:3]
    steps = (State.ASKED, State.CONFIRMED), (State.ASKED,), ()
    kinds = Transport.Kind.AMBULANCE, Transport.Kind.TAXI, Transport.Kind.VSL
    for booking, kind, states in zip(chosen, kinds, steps, strict=False):
        _transport(booking, kind, states, by=by, at=at)


def _transport(booking: Booking, kind: str, states: tuple[State, ...], *, by: Actor, at: datetime) -> None:
    wish = Prescribed(
        kind, there=True, back=True, prescriber=str(booking.request.requested_by), prescribed_at=at - HOUR / 3
    )
    transport = record_transport(booking=booking, wish=wish, by=by, at=at - HOUR / 4)
    agreed = Agreed(COMPANY, PHONE, booking.starts_at - 35 * (HOUR / 60), booking.starts_at + 50 * (HOUR / 60))
    for state in states:
        transport = change_transport(
            transport=transport, state=state, seen=transport.state, agreed=agreed, by=by, at=at - HOUR / 6
        )
