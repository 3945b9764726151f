"""Who acts for whom, who runs which structure, who is on duty, who replaces whom, who accepted the terms of use."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, TermsAcceptance, User
from quinze.accounts.operations import publish_terms
from quinze.accounts.roles import Role
from quinze.accounts.terms import SHIPPED
from quinze.availability.models import Cover
from quinze.availability.opening import RuleSpec
from quinze.availability.operations import add_rule
from quinze.availability.operations.covers import name_cover
from quinze.base.periods import local_instant
from quinze.directory.models import Professional, Structure
from quinze.directory.operations import Address, Identity
from quinze.directory.operations.delegation import Scope, accept_delegation, ask_delegation, invite_delegate
from quinze.directory.operations.membership import ask_membership, name_manager
from quinze.directory.operations.newcomer import Stay, welcome_newcomer
from quinze.directory.operations.recruiting import Said, record_paper, write_campaign
from quinze.directory.queries.membership import member_rows
from quinze.interop.demo.offer import GENERAL_PRACTICE, fictitious_rpps
from quinze.interop.demo.staff import DOMAIN, PASSWORD, Person
from quinze.interop.demo.stories import GP
from quinze.orientation.operations.rota import Turn, add_turn

ALL, SOME = ["agenda", "rules", "outcomes"], ["agenda", "rules"]
MANAGED = ("CPTS Sud Vienne", "Centre de santé des Couronneries", "SOS Médecins du Poitou")
HAVE_NOT_ACCEPTED = ("ars",)
MONTH = timedelta(days=30)
WORKING_DAYS = (0, 1, 2, 3, 4, 5)
SECRETARY = Person("secretariat2", "", "Agnès", "Torfou", (Role.DELEGATAIRE,))
RANK_OF_REPLACEMENT = 98_765  # of its fictitious RPPS, far from the others'


def share(*, sas: Sas, at: datetime, users: Mapping[str, User], doctors: list[Professional]) -> None:
    _delegations(sas, at, users, doctors)
    _structures(sas, at, users, doctors)
    _replacement(sas, at, users, doctors[0])
    _covers(sas, at, doctors)
    _contacts(sas, at, users)
    _terms(at, users)


def open_hours(*, sas: Sas, at: datetime, doctors: list[Professional]) -> None:
    """Every day, whatever the day of the visit: an hour at noon and one in the evening, between their own ranges."""
    began = at - timedelta(days=35)
    hours = (
        (WORKING_DAYS, time(12, 30), time(13, 30)),
        (WORKING_DAYS, time(19), time(20, 20)),
        ((6,), time(10), time(12)),
    )
    for doctor in doctors:
        place = doctor.places.order_by("pk")[0]
        if owner := _owner(doctor, sas):
            for weekdays, starts, ends in hours:
                spec = RuleSpec(place.pk, weekdays=weekdays, starts=starts, ends=ends, valid_from=began.date())
                add_rule(spec, by=owner, at=began)


def _delegations(sas: Sas, at: datetime, users: Mapping[str, User], doctors: list[Professional]) -> None:
    """The secretary works for the first doctor, for the second without the outcomes, and the third has just asked.
    Another secretary asks the first doctor.
    """
    secretary = Actor(users["secretariat"], Role.DELEGATAIRE, sas)
    for doctor, powers in zip(doctors, (ALL, SOME), strict=False):
        owner = _owner(doctor, sas)
        if owner:
            asked = ask_delegation(doctor, Scope(powers), by=secretary, at=at - MONTH)
            accept_delegation(asked, by=owner, at=at - MONTH + timedelta(hours=3))
    newcomer = Actor(users[SECRETARY.login], Role.DELEGATAIRE, sas)
    ask_delegation(doctors[0], Scope(SOME, ends=at + 3 * MONTH), by=newcomer, at=at - timedelta(hours=4))
    if len(doctors) > 2 and (owner := _owner(doctors[2], sas)):
        person = secretary.user
        invite_delegate(
            Scope(ALL, ends=at + 6 * MONTH),
            email=person.email,
            given_name=person.given_name,
            family_name=person.family_name,
            by=owner,
            at=at - timedelta(hours=2),
        )


def _owner(doctor: Professional, sas: Sas) -> Actor | None:
    return Actor(doctor.account, Role.EFFECTEUR, sas) if doctor.account else None


def _structures(sas: Sas, at: datetime, users: Mapping[str, User], doctors: list[Professional]) -> None:
    manager = Actor(users["structure"], Role.STRUCTURE_MANAGER, sas)
    namer = Actor(users["comptes"], Role.ACCOUNTS_MANAGER, sas)
    mine = list(Structure.objects.filter(sas=sas, name__in=MANAGED))
    mine += list(Structure.objects.filter(sas=sas, kind="MSP").order_by("pk")[:1])
    for structure in mine:
        name_manager(structure, manager.user, by=namer, at=at - MONTH)
    house = next((structure for structure in mine if structure.kind == "MSP"), None)
    if house and (owner := _owner(doctors[0], sas)) and not house.memberships.filter(professional=doctors[0]).exists():
        ask_membership(house, doctors[0], by=owner, at=at - timedelta(days=1))
    for cpts in (structure for structure in mine if structure.kind == "CPTS"):
        _rota(cpts, manager, at)


def _rota(cpts: Structure, manager: Actor, at: datetime) -> None:
    """Today and tomorrow one doctor for all, then two who share the day after by number."""
    zone = manager.sas.zone
    today = at.astimezone(ZoneInfo(zone)).date()
    members = [row.professional for row in member_rows(cpts, at=at)[:2]]
    if len(members) < 2:
        return
    on_duty = ((members[1], 0, None), (members[0], 1, None), (members[0], 2, 6), (members[1], 2, 4))
    for person, days, per_day in on_duty:
        day = today + timedelta(days=days)
        start, end = local_instant(day, time(8), zone), local_instant(day, time(23, 59), zone)
        add_turn(cpts, Turn(person, start, end, per_day=per_day), by=manager, at=at - timedelta(days=2))


def _replacement(sas: Sas, at: datetime, users: Mapping[str, User], replaced: Professional) -> None:
    """A replacement doctor, at work for three weeks in the office of the first doctor."""
    office = replaced.places.select_related("commune").order_by("pk")[0]
    identity = Identity(
        family_name="Sorbier",
        given_name="Lou",
        profession=GP,
        specialty=GENERAL_PRACTICE,
        civility="Dr",
        rpps=fictitious_rpps(sas, RANK_OF_REPLACEMENT),
    )
    address = Address(
        office.commune, office.address, phones=tuple(office.phones), lat=office.lat, lon=office.lon, name=office.name
    )
    stay = Stay(address, at - timedelta(days=2), at + timedelta(days=19), replaces=replaced, licence="fictive 2026-86")
    by = Actor(users["comptes"], Role.ACCOUNTS_MANAGER, sas)
    welcome = welcome_newcomer(identity, stay, email=f"remplacant@{DOMAIN}", by=by, at=at)
    welcome.user.set_password(PASSWORD)
    welcome.user.save(update_fields=["password"])
    spec = RuleSpec(
        place_id=welcome.place.pk,
        weekdays=(0, 2, 4),
        starts=time(14),
        ends=time(17),
        valid_from=at.date(),
        slot_minutes=20,
    )
    add_rule(spec, by=Actor(welcome.user, Role.EFFECTEUR, sas), at=at)


def _covers(sas: Sas, at: datetime, doctors: list[Professional]) -> None:
    """The first doctor is replaced today, and for a morning of next week; the second from tomorrow."""
    zone = sas.zone
    today = at.astimezone(ZoneInfo(zone)).date()
    for doctor, days, hours, name in (
        (doctors[0], 0, (8, 23), "Dr Lou Sorbier"),
        (doctors[0], 7, (8, 13), "Dr Lou Sorbier"),
        (doctors[1], 1, (14, 20), "Dr Anouk Viorne"),
    ):
        if owner := _owner(doctor, sas):
            day = today + timedelta(days=days)
            start, end = (local_instant(day, time(hour), zone) for hour in hours)
            name_cover(
                doctor, start=start, end=end, name=name, quality=Cover.Quality.REPLACEMENT, by=owner,
                at=at - timedelta(days=1),
            )  # fmt: skip


def _contacts(sas: Sas, at: datetime, users: Mapping[str, User]) -> None:
    """Three doctors who signed a paper at a meeting, and the campaign that may be sent to them."""
    keeper = Actor(users["comptes"], Role.ACCOUNTS_MANAGER, sas)
    for family, given, code in (("Alisier", "Maud", "86000"), ("Sureau", "Igor", "86100"), ("Fusain", "Lila", "86400")):
        said = Said(
            family_name=family, given_name=given, profession=GP, email=f"{family.lower()}@{DOMAIN}", postal_code=code
        )
        record_paper(said, note="réunion de l’URPS, classeur 2 (fictif)", by=keeper, at=at - MONTH)
    text = "Le SAS cherche des effecteurs pour l’hiver : deux heures par semaine, aux heures de votre choix."
    write_campaign(
        title="Effecteurs pour l’hiver", text=text, profession=GP, cpts=None, by=keeper, at=at - timedelta(days=20)
    )


def _terms(at: datetime, users: Mapping[str, User]) -> None:
    version = publish_terms(SHIPPED.read_text(encoding="utf-8"), by=users["admin"], at=at - 2 * MONTH)
    late = {users[login].pk for login in HAVE_NOT_ACCEPTED}
    TermsAcceptance.objects.bulk_create(
        TermsAcceptance(user=user, version=version, at=at - MONTH)
        for user in User.objects.exclude(pk__in=late).order_by("pk")
    )
