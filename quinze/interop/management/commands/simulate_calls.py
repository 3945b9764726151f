"""quinze simulate-calls: a realistic day of requests, played through the same operations as people's hands."""

import time
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from quinze.accounts.models import Sas, User
from quinze.base import clock
from quinze.interop.demo.day import simulated_hands
from quinze.interop.demo.engine import Engine
from quinze.interop.demo.hands import Hands, outcome, request_for_care
from quinze.interop.demo.people import Population
from quinze.interop.demo.persona import arrivals
from quinze.orientation.models import Booking


class Command(BaseCommand):
    help = "Joue une journée de demandes, de la sonnerie à l’issue, jusqu’à Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--speed", type=float, default=1.0, help="accélération du rythme : 10 joue dix heures en une (0,1 à 1000)"
        )
        parser.add_argument("--sas", default="86", help="code du SAS (86)")
        parser.add_argument("--per-day", type=int, default=190, help="demandes par jour (1 à 20000)")
        parser.add_argument("--seed", type=int, help="graine ; sans elle, chaque passage est différent")
        parser.add_argument("--seconds", type=float, help="s’arrête après ce temps réel")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0.1 <= options["speed"] <= 1000:
            raise CommandError("--speed va de 0,1 à 1000.")
        if not 1 <= options["per_day"] <= 20_000:
            raise CommandError("--per-day va de 1 à 20000.")
        try:
            sas = Sas.objects.get(code=options["sas"])
            hands = simulated_hands(sas, Random(options["seed"]))
        except Sas.DoesNotExist:
            raise CommandError(f"Aucun SAS de code {options['sas']}.") from None
        except User.DoesNotExist:
            raise CommandError("Les comptes de la simulation manquent : « quinze demo » les crée.") from None
        self.stderr.write(
            f"{sas} : {options['per_day']} demandes par jour, vitesse ×{options['speed']:g}. Ctrl-C arrête."
        )
        self._run(sas, hands, options)

    def _run(self, sas: Sas, hands: Hands, options: dict[str, Any]) -> None:
        speed, began = options["speed"], clock.now()
        until = began + timedelta(seconds=options["seconds"]) if options["seconds"] else None
        room = Room(sas, hands, per_day=options["per_day"], began=began)
        try:
            while until is None or clock.now() < until:
                due = room.next_due()
                real = began + (due - began) / speed
                time.sleep(max(0.0, min((real - clock.now()).total_seconds(), 1.0)))
                if clock.now() >= real:
                    room.play(due)
        except KeyboardInterrupt:
            pass
        self.stdout.write(
            f"{room.arrived} demandes, {room.engine.acts} gestes, {room.engine.refused} laissés à d’autres."
        )


class Room:
    """Arrivals to come and lives in progress, on the accelerated time; each act is stamped with the real clock."""

    def __init__(self, sas: Sas, hands: Hands, *, per_day: int, began: datetime) -> None:
        self.sas, self.hands, self.per_day = sas, hands, per_day
        self.people, self.engine, self.arrived = Population(sas), Engine(), 0
        self.next_arrival = began
        waiting = Booking.objects.filter(
            sas=sas, status__in=("booked", "confirmed"), starts_at__gt=began - timedelta(hours=24)
        )
        for booking in waiting.order_by("starts_at"):
            self.engine.add(outcome(hands, booking), began)

    def next_due(self) -> datetime:
        return min(self.next_arrival, self.engine.next_at or self.next_arrival)

    def play(self, due: datetime) -> None:
        if due == self.next_arrival:
            self._arrive()
        else:
            self.engine.step(clock=lambda _: clock.now())

    def _arrive(self) -> None:
        people, random, at = self.people, self.hands.random, clock.now()
        persona = people.draw(random, today=at.date())
        self.engine.add(request_for_care(self.hands, persona), self.next_arrival)
        hour = at.astimezone(ZoneInfo(self.sas.zone)).hour
        self.next_arrival += timedelta(seconds=arrivals(random, per_day=self.per_day, hour=hour))
        self.arrived += 1
