"""SOS Médecins: agendas of places of associations, asked for by SIRET."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import override_settings

from quinze.availability.models import Slot
from quinze.directory.models import Place, Structure
from quinze.interop.models import Flow
from tests.factories import availability as make_offer
from tests.factories import directory as make
from tests.factories.availability import NOW
from tests.interop.fhir.exchange import SECRET, get, register, sos_slots

pytestmark = pytest.mark.django_db
SIRET = "34173748400020"


@pytest.fixture(autouse=True)
def _this_morning(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("quinze.base.clock.now", lambda: NOW)
    with override_settings(QUINZE_FHIR_PROXY_SECRET=SECRET, QUINZE_PUBLIC_URL="https://sas.exemple.test"):
        yield


@pytest.fixture
def association() -> Structure:
    register()
    made = make.structure("SOS", "SOS Médecins de Poitiers", siret=SIRET, phone="+33549000036")
    make.participation(made, make.sas())
    return made


@pytest.fixture
def point(association: Structure) -> Place:
    """A fixed point of care (PFG)."""
    return make.place(association, make.commune("Poitiers"), name="Point fixe des Couronneries")


def seat(place: Place, hour: int = 9, **fields: Any) -> Slot:
    start: datetime = NOW.replace(hour=hour - 1)
    return make_offer.slot(place, start, start + timedelta(minutes=20), **fields)


def test_an_association_comes_with_its_places_agendas_and_slots(association: Structure, point: Place) -> None:
    second = make.place(association, make.commune("Chauvigny", postal_codes=["86300"]))
    given = [seat(point), seat(point, 10, kind="plage"), seat(second, 11, modalities=["HH"])]
    answer = sos_slots(f"3{SIRET}")
    assert (answer.status, answer.json["total"]) == (200, 3)
    modes = {(e["resource"]["resourceType"], e["search"]["mode"]) for e in answer.json["entry"]}
    assert modes == {("Slot", "include"), ("Schedule", "match"), ("Location", "include"), ("Organization", "include")}
    assert [found["id"] for found in answer.of("Slot")] == [str(slot.pk) for slot in given]
    assert [found["schedule"]["reference"] for found in answer.of("Slot")] == [
        f"Schedule/{point.pk}", f"Schedule/{point.pk}", f"Schedule/{second.pk}",
    ]  # fmt: skip
    places = {found["id"]: found for found in answer.of("Location")}
    assert {found["actor"][0]["reference"] for found in answer.of("Schedule")} == {f"Location/{key}" for key in places}
    assert places[str(second.pk)]["address"] == {
        "line": ["1 rue des Essences"], "city": "Chauvigny", "postalCode": "86300",
    }  # fmt: skip
    assert places[str(second.pk)]["name"] == "SOS Médecins de Poitiers"
    (organization,) = answer.of("Organization")
    assert organization["identifier"][0]["value"] == f"3{SIRET}"
    assert places[str(point.pk)]["managingOrganization"] == {"reference": f"Organization/{association.pk}"}


def test_the_hours_of_a_place_are_those_of_its_rules_today(association: Structure, point: Place) -> None:
    seat(point)
    rows: list[dict[str, Any]] = [
        {"weekdays": (0, 1), "starts": time(9), "ends": time(19)},
        {"weekdays": (5,), "starts": time(9), "ends": time(12, 30)},
        {"weekdays": (6,), "audience": "OWN"},
        {"weekdays": (3,), "valid_from": date(2027, 1, 1)},
        {"weekdays": (4,), "valid_until": date(2026, 11, 15)},
        {"weekdays": (2,), "every_weeks": 2},
    ]
    for fields in rows:
        for row in make_offer.spec(point, **fields).rows():
            row.created_at = NOW
            row.save()
    (found,) = sos_slots(f"3{SIRET}").of("Location")
    assert found["hoursOfOperation"] == [
        {"daysOfWeek": ["sat"], "openingTime": "09:00:00", "closingTime": "12:30:00"},
        {"daysOfWeek": ["mon", "tue"], "openingTime": "09:00:00", "closingTime": "19:00:00"},
    ]


@pytest.mark.parametrize("many", [1, 3])
def test_as_many_questions_for_one_place_as_for_three(
    association: Structure, django_assert_num_queries: Any, many: int
) -> None:
    for number in range(many):
        seat(make.place(association, make.commune(f"Commune{number}")))
    sos_slots(f"3{SIRET}")
    with django_assert_num_queries(5):  # who asks, associations, slots, hours, places
        assert sos_slots(f"3{SIRET}").json["total"] == many


def test_labels_that_its_profile_has_not_are_left_out(association: Structure, point: Place) -> None:
    shown = seat(point)
    seat(point, 10, audience="PRO")
    seat(point, 11, audience="OWN")
    assert [found["id"] for found in sos_slots(f"3{SIRET}").of("Slot")] == [str(shown.pk)]


@pytest.mark.parametrize("asked", ["335600000000002", "1860000017", "3x", f"1{SIRET}"])
def test_an_unknown_association_is_a_success_of_zero(association: Structure, point: Place, asked: str) -> None:
    seat(point)
    answer = sos_slots(asked)
    assert (answer.status, answer.json["total"], "entry" in answer.json) == (200, 0, False)


def test_another_structure_is_no_association(association: Structure, point: Place) -> None:
    association.kind = "MSP"
    association.save()
    seat(point)
    assert sos_slots(f"3{SIRET}").json["total"] == 0


def test_a_client_that_came_for_doctors_gets_no_association(point: Place) -> None:
    register(Flow.SLOTS, common_name="ps.test")
    assert get("Schedule", "", X_Client_Subject="CN=ps.test,OU=SAS").status == 403
