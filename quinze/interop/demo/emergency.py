"""Whom the emergency department of the demonstration sent to town in the last days, by the same operations."""

from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.base.periods import local_instant, period
from quinze.directory.models import EmergencyNurse, Structure
from quinze.interop.demo.engine import Engine
from quinze.interop.demo.hands import Hands, Life, give, outcome
from quinze.interop.demo.people import Population
from quinze.interop.demo.persona import Persona
from quinze.interop.demo.staff import DOMAIN
from quinze.orientation import operations
from quinze.orientation.operations import Reoriented, Wish
from quinze.patients.births import parse

DEPARTMENT = "Urgences du CHU fictif de Poitiers"
DOCTORS = ("Dr Vouneuil", "Dr Chasseneuil", "Dr Vouneuil", "Dr Smarves")
DAYS, HOURS = 3, (10, 15, 17)


def name_nurse(sas: Sas, *, at: datetime, user: User) -> None:
    """Where the IOA of the demonstration works."""
    house = Structure.objects.get(sas=sas, name=DEPARTMENT)
    EmergencyNurse.objects.create(structure=house, user=user, during=period(at - timedelta(days=60)))


def play(*, sas: Sas, hands: Hands, seed: int, until: datetime) -> None:
    """Three a day for three days and today, what falls after `until` left open."""
    random, people, engine, zone = Random(seed), Population(sas), Engine(), ZoneInfo(sas.zone)
    house = Structure.objects.get(sas=sas, name=DEPARTMENT)
    nurse = Actor(User.objects.get(email=f"ioa@{DOMAIN}"), Role.IOA, sas)
    mine = Hands(arm=hands.arm, amu=hands.amu, snp=hands.snp, osnp=nurse, random=random)
    today = until.astimezone(zone).date()
    for back in range(DAYS, -1, -1):
        for hour in HOURS:
            day = today - timedelta(days=back)
            persona = people.draw(random, today=day)
            starts = local_instant(day, time(hour, random.randrange(50)), sas.zone)
            if starts < until:
                engine.add(_sent(mine, hands, persona, house), starts)
    while engine.next_at is not None and engine.next_at < until:
        engine.step()


def _sent(nurse: Hands, room: Hands, persona: Persona, house: Structure) -> Life:
    """From the door to the outcome, which the room of the SAS notes."""
    at = yield 0
    request = operations.reorient(
        department=house,
        person=_person(persona, at),
        wish=Wish(nurse.random.choice(DOCTORS), at + timedelta(hours=48), commune=persona.commune),
        accepted=True,
        by=nurse.osnp,
        at=at,
    )
    view = operations.search_or_widen(request=request, by=nurse.osnp, at=at)
    booking = yield from give(nurse, request, view)
    if booking is None:
        at = yield nurse.pause(60)
        reason = "Personne ne peut recevoir à temps."
        operations.close_without_booking(request=request, reason=reason, by=nurse.osnp, at=at)
        return
    yield from outcome(room, booking)


def _person(persona: Persona, at: datetime) -> Reoriented:
    birth = parse(f"{persona.birth:%d/%m/%Y}", on=at.date())
    traits = {
        "family_name": persona.family.upper(),
        "given_name": persona.given,
        "birth_date": birth.day,
        "sex": persona.sex,
        "referring_doctor_id": persona.referring.pk if persona.referring else None,
    }
    return Reoriented(traits=traits, phone=persona.phone)
