from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, connection, transaction

from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.directory import operations, queries
from quinze.directory.models import DirectoryChange, Participation, SasParameter
from quinze.directory.operations import Address, Identity, Terms
from tests.factories import directory as make
from tests.factories.accounts import make_actor

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def by():
    return make_actor(Role.ADMINISTRATOR, make.sas(), at=AT)


def refused(operation, *args, **options):
    with pytest.raises(Refusal) as refusal, transaction.atomic():
        operation(*args, **options)
    return refusal.value


# --- participation


def test_changing_terms_closes_and_opens(by):
    doctor = make.professional()
    first = operations.set_participation(doctor, Terms(accepts_visits=True), by=by, at=AT)
    second = operations.set_participation(
        doctor, Terms(accepts_overbooking=True, overbooking_per_day=2), by=by, at=AT + DAY
    )
    first.refresh_from_db()
    assert (first.during.upper, second.during.lower, second.during.upper) == (AT + DAY, AT + DAY, None)
    assert queries.participation(doctor, by.sas, AT) == first
    assert queries.participation(doctor, by.sas, AT + DAY) == second
    assert queries.participation(doctor, by.sas, AT - DAY) is None


def test_the_same_terms_change_nothing(by):
    doctor = make.professional()
    first = operations.set_participation(doctor, Terms(), by=by, at=AT)
    assert operations.set_participation(doctor, Terms(), by=by, at=AT + DAY) == first
    assert Participation.objects.count() == 1


def test_ending_and_coming_back(by):
    doctor = make.professional()
    operations.set_participation(doctor, Terms(), by=by, at=AT)
    operations.end_participation(doctor, by=by, at=AT + DAY)
    assert queries.participation(doctor, by.sas, AT + DAY) is None
    assert refused(operations.end_participation, doctor, by=by, at=AT + 2 * DAY).field == "ends"
    operations.set_participation(doctor, Terms(), by=by, at=AT + 3 * DAY)
    assert queries.participations_of(doctor, by.sas).count() == 2


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms(accepts_overbooking=True), "overbooking_per_day"),
        (Terms(accepts_overbooking=True, overbooking_per_day=51), "overbooking_per_day"),
        (Terms(via="cpts"), "via_structure"),
        (Terms(via="pigeon"), "via"),
    ],
)
def test_absurd_terms_are_refused(by, terms, field):
    assert refused(operations.set_participation, make.professional(), terms, by=by, at=AT).field == field
    assert Participation.objects.count() == 0


def test_a_participation_planned_later_is_not_overtaken(by):
    doctor = make.professional()
    operations.set_participation(doctor, Terms(), by=by, at=AT, starts=AT + 7 * DAY)
    assert refused(operations.set_participation, doctor, Terms(), by=by, at=AT).code == "later_change"


def test_a_structure_takes_part_as_a_structure(by):
    msp = make.structure()
    assert refused(operations.set_participation, msp, Terms(), by=by, at=AT).field == "via"
    assert operations.set_participation(msp, Terms(via="structure"), by=by, at=AT).structure == msp


@pytest.mark.django_db(transaction=True)
def test_two_people_register_the_same_doctor_at_once():
    by = make_actor(Role.ADMINISTRATOR, make.sas(), at=AT)
    doctor, together, answers = make.professional(), Barrier(2), []

    def register(visits):
        try:
            together.wait()
            answers.append(operations.set_participation(doctor, Terms(accepts_visits=visits), by=by, at=AT).pk)
        except Refusal as refusal:
            answers.append(refusal.message)
        finally:
            connection.close()

    threads = [Thread(target=register, args=(visits,)) for visits in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    assert Participation.objects.filter(professional=doctor, during__contains=AT).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_two_participations_at_once():
    """Without the operation's lock: two connections insert, one commits, the other is told."""
    sas, doctor, together, answers = make.sas(), make.professional(), Barrier(2), []

    def insert():
        try:
            together.wait()
            make.participation(doctor, sas)
            answers.append("kept")
        except DatabaseError:
            answers.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=insert) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["kept", "refused"]


# --- people and places


def test_a_prefixed_identifier_is_kept_where_it_belongs(by):
    number = make.rpps()
    person = operations.create_professional(Identity("Aubépine", "Rose", "10", idnps=f"8{number}"), by=by, at=AT)
    assert (person.rpps, person.idnps, person.search_name) == (number, None, "aubepine rose")


@pytest.mark.parametrize(
    ("identity", "field"),
    [
        (Identity("Aubépine", "Rose", "10"), "rpps"),
        (Identity("Aubépine", "Rose", "10", rpps="12345678901"), "rpps"),
        (Identity("", "Rose", "10", rpps=make.rpps(1)), "family_name"),
        (Identity("Aubépine", "Rose", "médecin", rpps=make.rpps(1)), "profession"),
        (Identity("Aubépine", "Rose", "10", adeli="12"), "adeli"),
    ],
)
def test_wrong_identities_are_refused_beside_their_field(by, identity, field):
    assert refused(operations.create_professional, identity, by=by, at=AT).field == field


def test_an_identifier_belongs_to_one_person(by):
    known = make.professional()
    refusal = refused(operations.create_professional, Identity("Houx", "Jean", "10", rpps=known.rpps), by=by, at=AT)
    assert refusal.field == "rpps"
    assert "déjà" in refusal.message


def test_a_place_takes_zone_and_position_from_its_commune(by):
    make.departement("974", zone="Indian/Reunion")
    commune = make.commune("Cilaos", departement="974", lat=-21.13, lon=55.47)
    doctor = make.professional()
    place = operations.add_place(doctor, Address(commune, "1 rue", phones=("02 62 61 00 01", "")), by=by, at=AT)
    assert (place.zone, place.lat, place.lon, place.phones) == ("Indian/Reunion", -21.13, 55.47, ["+33262610001"])
    operations.change_place(place, Address(commune, "2 rue", lat=-21.2, lon=55.5), by=by, at=AT)
    operations.close_place(place, by=by, at=AT)
    place.refresh_from_db()
    assert (place.address, place.lat, place.is_active) == ("2 rue", -21.2, False)


def test_a_wrong_phone_is_refused(by):
    address = Address(make.commune(), "1 rue", phones=("05 49",))
    assert refused(operations.add_place, make.professional(), address, by=by, at=AT).field == "phones"


def test_joining_twice_is_refused_and_leaving_is_dated(by):
    doctor, msp = make.professional(), make.structure()
    membership = operations.join_structure(doctor, msp, by=by, at=AT)
    assert "déjà membre" in refused(operations.join_structure, doctor, msp, by=by, at=AT + DAY).message
    operations.leave_structure(membership, by=by, at=AT + DAY)
    assert list(queries.structures_of(doctor, AT)) == [msp]
    assert list(queries.structures_of(doctor, AT + DAY)) == []


def test_a_structure_of_another_sas_is_not_ours_to_change(by):
    other = make.structure(sas=make.sas("87"))
    refusal = refused(operations.change_structure, other, kind="MSP", name="Autre", by=by, at=AT)
    assert refusal.code == "other_sas"


# --- territory


def test_a_new_sas_has_the_national_hours(by):
    sas = operations.create_sas(code="21-58", name="Côte-d’Or et Nièvre", by=by, at=AT)
    assert queries.is_line_open(sas, "SNP", AT)
    assert not queries.is_line_open(sas, "SNP", AT + 2 * DAY)  # Sunday
    assert queries.next_opening(sas, "SNP", AT + 2 * DAY) == datetime(2026, 11, 23, 7, tzinfo=UTC)


@pytest.mark.parametrize("code", ["", "8", "86 ", "Vienne", "86--87", "<b>"])
def test_a_sas_code_has_a_shape(by, code):
    assert refused(operations.create_sas, code=code, name="X", by=by, at=AT).field == "code"


def test_a_sas_code_is_taken_once(by):
    assert refused(operations.create_sas, code="86", name="X", by=by, at=AT).code == "accounts_sas_code_key"


def test_new_hours_start_on_their_day(by):
    make.snp_opening(by.sas)
    monday = date(2026, 11, 23)
    operations.set_hours("SNP", [(0, time(9), time(18))], starting=monday, by=by, at=AT)
    assert queries.is_line_open(by.sas, "SNP", AT)  # Friday, old hours
    assert not queries.is_line_open(by.sas, "SNP", datetime(2026, 11, 23, 7, 30, tzinfo=UTC))
    assert queries.is_line_open(by.sas, "SNP", datetime(2026, 11, 23, 8, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    "hours",
    [[(0, time(9), time(9))], [(7, time(9), time(10))], [(0, time(9), time(12)), (0, time(11), time(13))]],
)
def test_absurd_hours_are_refused(by, hours):
    refusal = refused(operations.set_hours, "SNP", hours, starting=AT.date(), by=by, at=AT)
    assert refusal.field == "hours"


def test_an_exceptional_day(by):
    make.snp_opening(by.sas)
    operations.set_line_day("SNP", AT.date(), is_open=False, reason="Panne", by=by, at=AT)
    assert not queries.is_line_open(by.sas, "SNP", AT)
    operations.clear_line_day("SNP", AT.date(), by=by, at=AT)
    assert queries.is_line_open(by.sas, "SNP", AT)


def test_covering_a_departement(by):
    poitiers, loudun = make.commune("Poitiers"), make.commune("Loudun")
    make.commune("Limoges", departement="87")
    operations.cover_commune(poitiers, part="rive droite", by=by, at=AT)
    assert operations.cover_departement("86", by=by, at=AT) == 1
    assert {row.commune: row.part for row in queries.covered_communes(by.sas)} == {poitiers: "rive droite", loudun: ""}
    operations.uncover_commune(loudun, by=by, at=AT)
    assert [row.commune for row in queries.covered_communes(by.sas)] == [poitiers]
    assert refused(operations.cover_departement, "99", by=by, at=AT).field == "departement"


def test_entry_numbers(by):
    assert operations.add_entry_number("15", kind="15", by=by, at=AT).number == "15"
    assert operations.add_entry_number("05 36 49 00 01", kind="local", by=by, at=AT).number == "+33536490001"
    assert refused(operations.add_entry_number, "05.36.49.00.01", kind="local", by=by, at=AT).field == "number"
    assert refused(operations.add_entry_number, "05 36", kind="local", by=by, at=AT).field == "number"


def test_neighbours(by):
    other = make.sas("87")
    operations.add_neighbour(other, by=by, at=AT)
    assert "déjà" in refused(operations.add_neighbour, other, by=by, at=AT).message
    assert "propre voisin" in refused(operations.add_neighbour, by.sas, by=by, at=AT).message


# --- parameters


def test_a_parameter_has_its_default_then_its_history(by):
    assert queries.parameter(by.sas, "hold_seconds", AT) == 180
    operations.set_parameter("hold_seconds", 240, by=by, at=AT, reason="essai")
    operations.set_parameter("hold_seconds", 120, by=by, at=AT + DAY)
    moments = (AT - DAY, AT, AT + DAY, AT + 9 * DAY)
    assert [queries.parameter(by.sas, "hold_seconds", at) for at in moments] == [180, 240, 120, 120]
    assert [row.value for row in queries.parameter_history(by.sas, "hold_seconds")] == [120, 240]
    assert queries.parameters(by.sas, AT)["hold_seconds"] == 240


def test_saying_it_again_writes_nothing(by):
    operations.set_parameter("hold_seconds", 240, by=by, at=AT)
    operations.set_parameter("hold_seconds", 240, by=by, at=AT + DAY)
    assert SasParameter.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hold_second", 1),
        ("hold_seconds", 5),
        ("hold_seconds", 10**9),
        ("hold_seconds", "240"),
        ("hold_seconds", True),
        ("hold_seconds", 1.5),
        ("hold_seconds", None),
        ("search_radius_km", -1),
        ("search_radius_km", float("nan")),
        ("search_radius_by_departement", {"86": "loin"}),
        ("search_radius_by_departement", {"86": 5000}),
        ("search_radius_by_departement", [86]),
        ("osnp_post", "N3"),
        ("bridges_are_pdsa", 1),
        ("arm_to_osnp_reasons", "M19.05.00"),
        ("arm_to_osnp_reasons", [1]),
    ],
)
def test_absurd_parameters_are_refused(by, name, value):
    refused(operations.set_parameter, name, value, by=by, at=AT)
    assert SasParameter.objects.count() == 0


def test_the_past_is_not_rewritten(by):
    operations.set_parameter("hold_seconds", 240, by=by, at=AT)
    assert refused(operations.set_parameter, "hold_seconds", 200, by=by, at=AT - DAY).code == "later_change"


def test_radius_of_a_sas_and_of_a_departement(by):
    commune = make.commune()
    assert queries.default_radius(by.sas, commune, AT) == 15
    operations.set_parameter("search_radius_km", 30, by=by, at=AT)
    assert queries.default_radius(by.sas, commune, AT) == 30
    operations.set_parameter("search_radius_by_departement", {"86": 22}, by=by, at=AT)
    assert queries.default_radius(by.sas, commune, AT) == 22
    assert queries.default_radius(by.sas, make.commune("Limoges", departement="87"), AT) == 30


def test_a_chosen_nothing_is_not_the_default_of_before(by):
    operations.set_parameter("search_radius_km", 30, by=by, at=AT)
    operations.set_parameter("search_radius_km", None, by=by, at=AT + DAY)
    assert [queries.parameter(by.sas, "search_radius_km", at) for at in (AT, AT + DAY)] == [30, None]
    assert queries.default_radius(by.sas, make.commune(), AT + DAY) == 15


def test_targets(by):
    assert queries.target_seconds(by.sas, "snp", AT, priority="P3") == 3600
    assert queries.target_seconds(by.sas, "amu", AT, priority="P0") == 0
    assert queries.target_seconds(by.sas, "osnp", AT) == 600


# --- journal


def test_every_change_says_who_and_when(by):
    doctor = make.professional()
    operations.set_participation(doctor, Terms(), by=by, at=AT)
    change = DirectoryChange.objects.get()
    assert (change.by, change.role, change.at, change.sas) == (by.user, by.role, AT, by.sas)
    assert change.subject == f"professional:{doctor.pk}"


def test_the_journal_is_only_appended_to(by):
    operations.set_participation(make.professional(), Terms(), by=by, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        DirectoryChange.objects.update(action="autre chose")
    with pytest.raises(DatabaseError), transaction.atomic():
        DirectoryChange.objects.all().delete()
