"""The demonstration: deterministic, fictitious, and played through the product's own operations."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from quinze.accounts.announcements import shown, unpack
from quinze.accounts.help_desk import State
from quinze.accounts.models import HelpRequest, RoleGrant, Sas
from quinze.accounts.roles import Role
from quinze.availability.models import Cover
from quinze.availability.queries.feeds import feeds_of
from quinze.base.errors import Refusal
from quinze.directory.models import Commune, Delegation, Departement, Participation, Place, Professional, Structure
from quinze.directory.models.enrolment import EnrolmentRequest
from quinze.interop.demo import names, staff
from quinze.interop.demo.day import play, simulated_hands
from quinze.interop.demo.engine import Engine
from quinze.interop.demo.hands import Hands, Life
from quinze.interop.demo.load import load
from quinze.interop.demo.offer import fictitious_rpps
from quinze.interop.demo.territory import NEIGHBOURS
from quinze.orientation.models import Booking, Dispute, DutyTurn, RankingLog
from quinze.orientation.operations import search
from quinze.orientation.queries.requests import request_of, worklist
from quinze.regulation.models import CaseEvent, CaseFile, Step

# A Tuesday morning: doctors are open, the line answers.
AT = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
TOWNS = (("86194", "Poitiers", 46.58, 0.34, 90_000), ("86066", "Châtellerault", 46.82, 0.55, 31_000))
VILLAGES = [(f"8690{i}", f"Village {i}", 46.3 + i * 0.05, 0.2 + i * 0.04, 900) for i in range(10)]


@pytest.fixture
def geography(db: None) -> None:
    Departement.objects.bulk_create(
        Departement(
            code=code,
            name=f"Département {code}",
            region_code="75",
            region="Nouvelle-Aquitaine",
            zone="Europe/Paris",
            default_radius_km=20,
        )
        for code in ("86", *NEIGHBOURS)
    )
    Commune.objects.bulk_create(
        Commune(
            insee=insee, name=name, search_name=name.lower(), postal_codes=["86000"], departement_id="86",
            population=people, lat=lat, lon=lon, position="exact", zone="Europe/Paris",
        )
        for insee, name, lat, lon, people in (*TOWNS, *VILLAGES)
    )  # fmt: skip


def _load(*, with_day: bool = False) -> Sas:
    return load(at=AT, seed=86, scale=1, with_day=with_day, say=lambda _: None, act=lambda: None)


@pytest.mark.usefixtures("geography")
def test_the_offer_is_what_the_department_would_have() -> None:
    sas = _load()
    assert Professional.objects.filter(specialty="SM54").count() == 430 + 1  # a replacement
    kinds = {
        kind: Structure.objects.filter(sas=sas, kind=kind).count()
        for kind in ("CPTS", "MSP", "SOS", "CSNP", "MMG", "ED")
    }
    assert kinds == {"CPTS": 3, "MSP": 10, "SOS": 1, "CSNP": 1, "MMG": 2, "ED": 2}
    assert 0.35 < Participation.objects.exclude(professional=None).count() / 430 < 0.75
    assert set(RoleGrant.objects.filter(sas=sas).values_list("role", flat=True)) == set(Role) - {
        Role.PLATFORM_REGULATOR
    }


@pytest.mark.usefixtures("geography")
def test_the_same_seed_makes_the_same_people() -> None:
    def drawn() -> list[tuple[str, str, list[str]]]:
        return names.doctor_names(Random(86), 500), [names.mobile(Random(i)) for i in range(5)]  # type: ignore[return-value]

    assert drawn() == drawn()


@pytest.mark.usefixtures("geography")
def test_nobody_real_can_be_called_or_found() -> None:
    _load()
    phones = [number for place in Place.objects.all() for number in place.phones]
    assert all(number.startswith(names.LANDLINE) for number in phones)
    assert not Professional.objects.exclude(rpps__startswith="1099").exists()
    assert all(name.split("-")[0] in names.TREES for name in Professional.objects.values_list("family_name", flat=True))


def test_a_fictitious_identifier_has_a_right_check_digit() -> None:
    from quinze.directory import identifiers

    sas = Sas(code="86", name="Vienne")
    for rank in range(50):
        assert identifiers.rpps(fictitious_rpps(sas, rank)) == fictitious_rpps(sas, rank)


@pytest.mark.usefixtures("geography")
def test_loading_twice_is_refused_and_changes_nothing() -> None:
    _load()
    with pytest.raises(Refusal, match="déjà chargée"):
        _load()
    assert Sas.objects.filter(code="86").count() == 1


def test_without_communes_it_says_what_to_run(db: None) -> None:
    with pytest.raises(Refusal, match="load-geography"):
        _load()


def _the_first_request_of_a_visitor_is_an_ordinary_one(sas: Sas, hands: Hands) -> None:
    """A general practitioner within two days, somebody to propose; nobody is left waiting beyond their hour."""
    waiting = [line for line in worklist(sas=sas, at=AT) if line.status == "waiting"]
    assert all(line.deadline > AT for line in waiting)
    first = request_of(sas=sas, pk=waiting[0].pk)
    assert (first.profession, first.emergency) == ("10", None)
    assert first.deadline - first.requested_at == timedelta(hours=48)
    assert any(level.proposals for level in search(request=first, by=hands.osnp, at=AT).levels)
    assert {line.profession for line in waiting} == {"10", "60"}
    assert Booking.objects.filter(professional__account__email=f"medecin@{staff.DOMAIN}").exists()


def _people_wait_for_one_another(sas: Sas) -> None:
    """What a newcomer would otherwise see empty: each list has something to do, and something done."""
    doctor = Professional.objects.get(account__email=f"medecin@{staff.DOMAIN}")
    assert set(HelpRequest.objects.values_list("state", flat=True)) == set(State)
    sas.refresh_from_db()
    assert len(unpack(sas.announced)) == 2
    assert len(shown(sas.announced, role=Role.OSNP, at=AT)) == 1
    assert {feed.state for feed in feeds_of(doctor, sas=sas, at=AT)} == {"waiting", "stale"}
    assert EnrolmentRequest.objects.filter(answered_at=None).count() == 1
    assert Cover.objects.filter(professional=doctor, during__contains=AT).count() == 1
    assert Delegation.objects.filter(professional=doctor, accepted_at=None).count() == 1
    assert DutyTurn.objects.filter(structure__kind="CPTS", during__contains=AT).count() == 1
    assert {row.answers.exists() for row in Dispute.objects.all()} == {True, False}


@pytest.mark.usefixtures("geography")
def test_a_day_leaves_files_in_every_state_and_breaks_no_seat() -> None:
    sas = _load()
    hands = simulated_hands(sas, Random(3))
    doctors = list(Professional.objects.filter(account__email__startswith="medecin").order_by("pk"))
    engine = play(sas=sas, hands=hands, since=AT - timedelta(hours=3), until=AT, per_day=200, doctors=doctors)
    steps = set(CaseFile.objects.values_list("step", flat=True))
    assert Step.CLOSED in steps
    assert steps & {Step.OSNP.value, Step.FOLLOW_UP.value}  # a few files only: either may be empty that minute
    assert steps & {Step.ARM.value, Step.SNP.value, Step.AMU.value}
    assert Booking.objects.filter(status__in=("booked", "confirmed", "fulfilled")).exists()
    assert RankingLog.objects.exists()
    assert CaseEvent.objects.filter(at__gt=AT).count() == 0
    assert engine.refused < engine.acts * 0.02
    _people_wait_for_one_another(sas)
    _the_first_request_of_a_visitor_is_an_ordinary_one(sas, hands)


def test_the_engine_plays_acts_in_the_order_of_their_instants() -> None:
    played: list[tuple[str, datetime]] = []

    def life(name: str, delays: tuple[float, ...]) -> Life:
        at = yield 0
        played.append((name, at))
        for delay in delays:
            at = yield delay
            played.append((name, at))

    engine = Engine()
    engine.add(life("a", (60, 60)), AT)
    engine.add(life("b", (30,)), AT + timedelta(seconds=10))
    while engine.next_at is not None:
        engine.step()
    assert [name for name, _ in played] == ["a", "b", "b", "a", "a"]
    assert [at for _, at in played] == sorted(at for _, at in played)


def test_a_refusal_ends_one_life_and_leaves_the_others() -> None:
    def refused() -> Life:
        yield 0
        raise Refusal("déjà pris")

    def other() -> Life:
        yield 0
        yield 5

    engine = Engine()
    engine.add(refused(), AT)
    engine.add(other(), AT)
    while engine.next_at is not None:
        engine.step()
    assert engine.refused == 1
    assert engine.acts == 3


def test_the_table_of_accounts_names_every_role() -> None:
    shown = " ".join(roles for _, roles in staff.table())
    assert all(role.label in shown for role in Role if role != Role.PLATFORM_REGULATOR)
