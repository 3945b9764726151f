"""Loads the whole demonstration, in the order in which it must exist."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.availability.operations import generate_slots
from quinze.base.errors import Refusal
from quinze.directory.models import Commune, Professional, SecureAddress
from quinze.directory.operations import set_parameter
from quinze.interop import tasks
from quinze.interop.demo import day, emergency, houses, offer, outside, room, roster, sharing, staff, talk, territory
from quinze.orientation.operations import (
    count_offered_days,
    count_offered_seats,
    publish,
    save_draft,
    start_draft,
    tally_searches,
)

Say = Callable[[str], None]


def load(*, at: datetime, seed: int, scale: int, with_day: bool, say: Say, act: Callable[[], None]) -> Sas:
    """Everything from `seed`. Refusal when a demonstration is already there or the communes are not."""
    if Sas.objects.filter(code="86").exists():
        raise Refusal(
            "La démonstration est déjà chargée. Pour repartir de zéro : make clean, puis make run.", code="loaded"
        )
    if not Commune.objects.filter(departement_id="86").exists():
        raise Refusal(
            "Les communes ne sont pas chargées : lancer d’abord « quinze load-geography ».", code="no_geography"
        )
    with transaction.atomic():  # all of it or nothing: an interrupted load leaves an empty database to start again from
        say("Territoire, professionnels, structures")
        sas = territory.create(at=at)
        made = offer.build(sas=sas, at=at, seed=seed, scale=scale)
        say("Comptes")
        doctors = _doctors_with_accounts(made)
        users = staff.create(sas=sas, at=at, doctors=doctors, others=(*room.ROOM, sharing.SECRETARY))
        roster.prepare(sas=sas, at=at, users=users)
        _mailboxes(at)
        sharing.open_hours(sas=sas, at=at, doctors=doctors)
        sharing.share(sas=sas, at=at, users=users, doctors=doctors)
        houses.furnish(sas=sas, at=at, users=users, doctors=doctors)
        outside.come(sas=sas, at=at, doctors=doctors)
        emergency.name_nurse(sas, at=at, user=users["ioa"])
        _charter(sas, at)
        say("Créneaux des quatre semaines passées et des deux à venir")
        generate_slots(at=at - timedelta(days=28), days=28 + 14)
        count_offered_seats(sas=sas, at=at)
        if with_day:
            say("Une journée de demandes")
            _follow_up_calls(sas, at)
            day.three_days_ago(sas=sas, hands=day.simulated_hands(sas, Random(seed + 1)), at=at)
            hands = day.simulated_hands(sas, Random(seed))
            emergency.play(sas=sas, hands=hands, seed=seed, until=at)
            day.play(sas=sas, hands=hands, since=at - timedelta(hours=24), until=at, doctors=doctors, step=act)
            day.give_back(sas=sas, at=at)
            outside.drive(sas=sas, at=at, users=users)
        count_offered_days(sas=sas, at=at)
        tally_searches(sas=sas, at=at)
        talk.tell(sas=sas, at=at, users=users, doctors=doctors)
        tasks.defer_demonstration_roster()
    return sas


def _doctors_with_accounts(made: offer.Offer) -> list[Professional]:
    """Three doctors who open weekly ranges to the SAS, so that their pages have something to show."""
    opened = [gp for gp in made.gps if gp.participations.filter(via="individual", accepts_overbooking=True).exists()]
    return opened[:3]


def _follow_up_calls(sas: Sas, at: datetime) -> None:
    """Half of the people advised are called back, so that a few hours of calls show somebody."""
    keeper = Actor(user=User.objects.get(email=f"admin@{staff.DOMAIN}"), role=Role.ADMINISTRATOR, sas=sas)
    set_parameter("follow_up_calls_percent", 50, by=keeper, at=at - timedelta(days=5), reason="Démonstration")


def _mailboxes(at: datetime) -> None:
    """Two doctors of three have a MSSanté mailbox; the others wait for a letter on paper."""
    known = Professional.objects.filter(profession="10", rpps__isnull=False).order_by("pk").values_list("pk", "rpps")
    SecureAddress.objects.bulk_create(
        SecureAddress(professional_id=pk, address=f"{rpps}@demo.mssante.fr", source="démonstration", set_at=at)
        for rank, (pk, rpps) in enumerate(known)
        if rank % 3
    )


def _charter(sas: Sas, at: datetime) -> None:
    keeper = Actor(user=User.objects.get(email=f"referent@{staff.DOMAIN}"), role=Role.REFERENT, sas=sas)
    began = at - timedelta(days=60)
    draft = start_draft(sas=sas, by=keeper, at=began)
    draft = save_draft(
        draft=draft,
        title="Charte d’adressage de la Vienne (fictive)",
        authors="Comité territorial fictif : Dr Salleron, Dr Gartempe, URPS",
        document=draft.document,
        by=keeper,
        at=began,
    )
    publish(draft=draft, agreed_on=(began - timedelta(days=10)).date(), by=keeper, at=began)
