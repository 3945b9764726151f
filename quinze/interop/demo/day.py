"""Yesterday, played again: a day of requests that ends now, some of them unfinished."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.directory.models import Professional
from quinze.interop.demo import chosen
from quinze.interop.demo.engine import Engine
from quinze.interop.demo.hands import Hands, request_for_care
from quinze.interop.demo.people import Population
from quinze.interop.demo.persona import arrivals
from quinze.interop.demo.staff import DOMAIN
from quinze.orientation.models import Booking
from quinze.orientation.operations import cancel, send_reminders
from quinze.orientation.operations.rescue import rescue_seats
from quinze.regulation.operations.afterwards import record_answer
from quinze.regulation.queries.afterwards import to_ask

PER_DAY = 155
ANSWERS = ("referring", "referring", "doctor", "nobody", "nobody", "unreached")
FOLLOWED_AFTER = timedelta(hours=76)
RUSH = timedelta(minutes=40)  # the last minutes are busier, so that a new visitor finds lists that live


def simulated_hands(sas: Sas, random: Random) -> Hands:
    """The four `.jour` accounts, with relief. Raises User.DoesNotExist when the demonstration was not loaded."""

    def actor(login: str, role: Role) -> Actor:
        return Actor(user=User.objects.get(email=f"{login}@{DOMAIN}"), role=role, sas=sas)

    return Hands(
        arm=actor("arm.jour", Role.ARM),
        amu=actor("amu.jour", Role.REGULATEUR_AMU),
        snp=actor("snp.jour", Role.REGULATEUR_SNP),
        osnp=actor("osnp.jour", Role.OSNP),
        relief=[actor(login, Role.REGULATEUR_SNP) for login in ("snp4", "snp6", "snp7")],
        random=random,
    )


def play(
    *,
    sas: Sas,
    hands: Hands,
    since: datetime,
    until: datetime,
    per_day: int = PER_DAY,
    doctors: Sequence[Professional] = (),
    step: Callable[[], None] = lambda: None,
) -> Engine:
    """Every act that falls before `until`; what falls after is left open, as it would be in a room.

    `doctors`: who also see patients of their own, and then two requests wait for a visitor.
    """
    people, engine, zone = Population(sas), Engine(), ZoneInfo(sas.zone)
    if doctors:
        for life, rings in chosen.lives(hands=hands, people=people, doctors=doctors, until=until):
            engine.add(life, rings)
    at = since
    while at < until:
        persona = people.draw(hands.random, today=at.date())
        engine.add(request_for_care(hands, persona), at)
        rate = per_day * 3 if until - at < RUSH else per_day
        at += timedelta(seconds=arrivals(hands.random, per_day=rate, hour=at.astimezone(zone).hour))
    while engine.next_at is not None and engine.next_at < until:
        hands.load = 5.0 if until - engine.next_at < RUSH else 1.0
        engine.step()
        step()
    hands.load = 1.0
    return engine


def three_days_ago(*, sas: Sas, hands: Hands, at: datetime, hours: int = 3, per_day: int = PER_DAY) -> int:
    """A few hours of calls lived to their end, so that the follow-up at 72 hours has whom to call, and answers."""
    people, engine, zone = Population(sas), Engine(), ZoneInfo(sas.zone)
    began = at - FOLLOWED_AFTER - timedelta(hours=hours)
    ring = began
    while ring < began + timedelta(hours=hours):
        persona = people.draw(hands.random, today=ring.date())
        engine.add(request_for_care(hands, persona), ring)
        ring += timedelta(seconds=arrivals(hands.random, per_day=per_day, hour=ring.astimezone(zone).hour))
    while engine.next_at is not None and engine.next_at < at:
        engine.step()
    asked = to_ask(sas=sas, at=at)
    for case in asked[::2]:
        record_answer(case, saw=hands.random.choice(ANSWERS), by=hands.osnp, at=at)
    return len(asked)


def give_back(*, sas: Sas, at: datetime, seats: int = 3) -> None:
    """A few patients cancel by their link: their seats are offered to those who wait, and the reminders due leave."""
    coming = Booking.objects.filter(
        sas=sas, kind="slot", status__in=("booked", "confirmed"), starts_at__gt=at + timedelta(minutes=50)
    )
    for booking in list(coming.order_by("starts_at", "pk")[:seats]):
        cancel(booking=booking, by_kind="patient", at=at - timedelta(minutes=2))
    send_reminders(at=at)
    rescue_seats(at=at)
