"""INT_R01 and INT_R04: what the platform reads of the agendas, and what it never sees."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings

from quinze.availability.models import Audience, Slot
from quinze.availability.queries import what_sas_sees
from quinze.base.periods import period
from quinze.directory.models import Professional
from quinze.interop.models import FhirClient, Flow
from tests.factories import availability as make_offer
from tests.factories import directory as make
from tests.factories.availability import NOW, Effecteur
from tests.interop.fhir.exchange import FROM, INCLUDES, SECRET, UNTIL, get, register, slots

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=20)


@pytest.fixture(autouse=True)
def _this_morning(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("quinze.base.clock.now", lambda: NOW)
    with override_settings(QUINZE_FHIR_PROXY_SECRET=SECRET, QUINZE_PUBLIC_URL="https://sas.exemple.test"):
        yield


@pytest.fixture
def platform() -> FhirClient:
    return register()


@pytest.fixture
def doctor() -> Effecteur:
    return make_offer.effecteur()


def at(hour: int, minute: int = 0, *, day: int = 16) -> datetime:
    """In Paris, where November is an hour ahead."""
    return NOW.replace(day=day, hour=hour - 1, minute=minute)


def seat(doctor: Effecteur, start: datetime, **fields: Any) -> Slot:
    return make_offer.slot(doctor.place, start, start + MINUTES, **fields)


def national(professional: Professional) -> str:
    return f"8{professional.rpps}"


def keys(doctor: Effecteur, **fields: Any) -> set[str]:
    return {found["id"] for found in slots(national(doctor.professional), **fields).of("Slot")}


def test_one_slot_of_one_doctor_comes_with_its_agenda_its_doctor_and_its_place(
    platform: FhirClient, doctor: Effecteur
) -> None:
    given = seat(doctor, at(9))
    answer = slots(national(doctor.professional))
    assert answer.status == 200
    assert answer.http.headers["Content-Type"] == "application/fhir+json; charset=utf-8"
    key = f"{doctor.professional.pk}-{doctor.place.pk}"
    assert [(e["resource"]["resourceType"], e["search"]["mode"]) for e in answer.json["entry"]] == [
        ("Slot", "match"), ("Schedule", "include"), ("Practitioner", "include"), ("PractitionerRole", "include"),
    ]  # fmt: skip
    (found,), (schedule,), (role,) = answer.of("Slot"), answer.of("Schedule"), answer.of("PractitionerRole")
    assert found["id"] == str(given.pk)
    assert (found["start"], found["end"]) == ("2026-11-16T09:00:00.000+01:00", "2026-11-16T09:20:00.000+01:00")
    assert found["status"] == "free"
    assert found["schedule"] == {"reference": f"Schedule/{key}"}
    assert found["specialty"][0]["coding"][0]["code"] == "SM54"
    assert found["comment"].startswith(f"https://sas.exemple.test/annuaire/professionnels/{doctor.professional.pk}/?")
    assert [actor["reference"] for actor in schedule["actor"]] == [
        f"Practitioner/{doctor.professional.pk}", f"PractitionerRole/{key}",
    ]  # fmt: skip
    assert role["location"] == [{"reference": f"#{role['contained'][0]['id']}"}]
    assert role["telecom"] == [{"system": "phone", "value": "+33536490001"}]
    assert answer.of("Practitioner")[0]["identifier"][0]["value"] == national(doctor.professional)


def test_the_self_link_echoes_the_query_and_nothing_is_paginated(platform: FhirClient, doctor: Effecteur) -> None:
    for minute in range(0, 60, 20):
        seat(doctor, at(9, minute))
    query = (
        f"{INCLUDES}&start=ge{FROM}&start=le{UNTIL}&schedule.actor:Practitioner.identifier="
        f"urn:oid:1.2.250.1.71.4.2.1%7C{national(doctor.professional)}&status=free&_count=1"
    )
    answer = get("Slot", query)
    assert answer.json["link"] == [{"relation": "self", "url": f"https://sas.exemple.test/fhir/Slot?{query}"}]
    assert answer.json["total"] == len(answer.of("Slot")) == 3


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"audience": Audience.OWN}, "kept for the doctor's own patients"),
        ({"audience": Audience.PUBLIC}, "public, which this doctor does not show"),
        ({"audience": Audience.PRO}, "for professionals, which this doctor does not show"),
        ({"taken": 1}, "full"),
        ({"status": Slot.Status.WITHDRAWN}, "withdrawn"),
        ({"status": Slot.Status.DOUBLED}, "the same hour twice"),
        ({"sas_sees": False}, "hidden by the doctor"),
        ({"notice_minutes": 24 * 60}, "too late for its notice"),
    ],
)
def test_what_the_sas_may_not_see_is_never_sent(
    platform: FhirClient, doctor: Effecteur, changed: dict[str, Any], why: str
) -> None:
    shown, hidden = seat(doctor, at(9)), seat(doctor, at(10), **changed)
    assert keys(doctor) == {str(shown.pk)}, why
    seen = what_sas_sees(doctor.professional, sas=doctor.sas, at=NOW)
    assert hidden not in [slot for day in seen.days for slot in day.slots]


def test_what_the_sas_sees_is_what_is_sent(platform: FhirClient) -> None:
    doctor = make_offer.effecteur(shows_public_slots=True, shows_pro_slots=True)
    cpts = make.structure("CPTS", "CPTS du Clain", finess="860000017")
    for hour, (audience, word) in enumerate(
        [(Audience.SNP, None), (Audience.PUBLIC, None), (Audience.PRO, None), (Audience.OWN, None),
         (Audience.OWN, True), (Audience.PUBLIC, False), (Audience.SNP, True), (Audience.CPTS, None)], start=8
    ):  # fmt: skip
        seat(doctor, at(hour), audience=audience, sas_sees=word, cpts=cpts if audience == Audience.CPTS else None)
    seen = what_sas_sees(doctor.professional, sas=doctor.sas, at=NOW)
    assert keys(doctor) == {str(slot.pk) for day in seen.days for slot in day.slots}
    assert len(keys(doctor)) == 6
    labels = {f["meta"]["security"][0]["code"] for f in slots(national(doctor.professional)).of("Slot")}
    assert labels == {"SNP", "PUBLIC", "PRO", "CPTS"}


def test_only_slots_of_the_window_of_those_who_were_asked_and_not_begun(
    platform: FhirClient, doctor: Effecteur
) -> None:
    other = make_offer.effecteur("Garnier")
    seat(other, at(9))
    first, last = seat(doctor, at(9)), seat(doctor, at(12))
    seat(doctor, at(12, 20))
    seat(doctor, at(6))  # before now
    assert keys(doctor, start=first.starts_at.isoformat(), end=last.starts_at.isoformat()) == {
        str(first.pk),
        str(last.pk),
    }
    assert keys(doctor, start="2026-11-15T00:00:00Z", end="2026-11-16T09:00:00.000+01:00") == {str(first.pk)}


@pytest.mark.parametrize("bad", ["participation", "sas", "place"])
def test_who_takes_no_part_now_is_not_read(platform: FhirClient, bad: str) -> None:
    doctor = make_offer.effecteur(participates=bad != "participation")
    seat(doctor, at(9))
    if bad == "sas":
        assert doctor.participation is not None
        doctor.participation.during = period(make.SINCE, NOW)
        doctor.participation.save()
    if bad == "place":
        doctor.place.is_active = False
        doctor.place.save()
    answer = slots(national(doctor.professional))
    assert (answer.status, answer.json["total"]) == (200, 0)
    assert "entry" not in answer.json


def test_nothing_found_is_a_success_of_zero(platform: FhirClient, doctor: Effecteur) -> None:
    seat(doctor, at(9))
    for answer in (
        slots("899999999999"),
        slots(national(doctor.professional), start="2020-01-01T00:00:00Z", end="2020-01-03T00:00:00Z"),
        slots(national(doctor.professional), start=UNTIL, end=FROM),
    ):
        assert (answer.status, answer.json["total"], "entry" in answer.json) == (200, 0, False)


def test_a_client_of_one_sas_reads_that_sas_only(doctor: Effecteur) -> None:
    elsewhere = make_offer.effecteur("Garnier", departement="79")
    register(sas=elsewhere.sas)
    seat(doctor, at(9))
    given = seat(elsewhere, at(9))
    found = slots(national(doctor.professional), national(elsewhere.professional)).of("Slot")
    assert [each["id"] for each in found] == [str(given.pk)]


def test_slots_of_a_cpts_come_with_it_and_only_for_those_who_exchange_them(doctor: Effecteur) -> None:
    cpts = make.structure("CPTS", "CPTS du Clain", finess="860000017", phone="+33549000001")
    plain, reserved = seat(doctor, at(9)), seat(doctor, at(10), audience=Audience.CPTS, cpts=cpts)
    without = register(Flow.SLOTS, common_name="sans.test")
    register(Flow.CPTS)
    answer = slots(national(doctor.professional))
    by_key = {found["id"]: found for found in answer.of("Slot")}
    assert by_key.keys() == {str(plain.pk), str(reserved.pk)}
    (service,) = [each for each in by_key[str(reserved.pk)]["serviceType"] if "extension" in each]
    assert service["coding"][0]["code"] == "604"
    assert service["extension"][0]["valueReference"] == {"reference": f"HealthcareService/{cpts.pk}"}
    assert [each for each in by_key[str(plain.pk)]["serviceType"] if "extension" in each] == []
    (organization,) = answer.of("Organization")
    assert answer.of("HealthcareService")[0]["providedBy"] == {"reference": f"Organization/{cpts.pk}"}
    assert organization["identifier"][0]["value"] == "1860000017"
    assert [coding["code"] for coding in organization["identifier"][0]["type"]["coding"]] == ["IDNST", "IDNST"]
    assert not without.may(Flow.CPTS)
    assert keys(doctor, X_Client_Subject="CN=sans.test,OU=SAS") == {str(plain.pk)}


def test_a_professional_at_two_places_has_two_agendas_and_is_one_practitioner(
    platform: FhirClient, doctor: Effecteur
) -> None:
    second = make.place(doctor.professional, make.commune("Vouillé"))
    seat(doctor, at(9))
    make_offer.slot(second, at(14), at(14) + MINUTES)
    answer = slots(national(doctor.professional))
    assert {found["schedule"]["reference"] for found in answer.of("Slot")} == {
        f"Schedule/{doctor.professional.pk}-{place.pk}" for place in (doctor.place, second)
    }
    assert [len(answer.of(kind)) for kind in ("Schedule", "PractitionerRole", "Practitioner")] == [2, 2, 1]


def test_without_rendez_vous_modalities_and_motive_are_said(platform: FhirClient, doctor: Effecteur) -> None:
    seat(doctor, at(9), kind="plage", capacity=5, modalities=["AMB", "VR"], reasons="petite traumatologie \ue000key")
    (found,) = slots(national(doctor.professional)).of("Slot")
    assert found["appointmentType"]["coding"][0]["code"] == "WALKIN"
    assert [each["coding"][0]["code"] for each in found["serviceType"] if "coding" in each] == ["AMB", "VR"]
    assert found["serviceType"][-1] == {"text": "petite traumatologie key"}


def test_a_range_without_appointment_that_has_begun_is_offered_for_what_is_left(
    platform: FhirClient, doctor: Effecteur
) -> None:
    began, over = NOW - timedelta(hours=1), NOW - timedelta(hours=3)
    make_offer.slot(doctor.place, began, at(12), kind="plage", capacity=9)
    make_offer.slot(doctor.place, over, NOW - timedelta(hours=2), kind="plage", capacity=9)
    (found,) = slots(national(doctor.professional), start="2026-11-16T07:00:00.000+01:00").of("Slot")
    assert (found["start"], found["end"]) == ("2026-11-16T07:00:00.000+01:00", "2026-11-16T12:00:00.000+01:00")
    (later,) = slots(national(doctor.professional), start="2026-11-16T08:30:00.000+01:00").of("Slot")
    assert later["start"] == "2026-11-16T08:30:00.000+01:00"
    Slot.objects.filter(starts_at=began).update(notice_minutes=120)
    (warned,) = slots(national(doctor.professional), start="2026-11-16T08:30:00.000+01:00").of("Slot")
    assert warned["start"] == "2026-11-16T09:00:00.000+01:00"
    seen = what_sas_sees(doctor.professional, sas=doctor.sas, at=NOW)
    assert [warned["id"]] == [str(slot.pk) for day in seen.days for slot in day.slots]


def test_slots_of_another_editor_are_for_that_editor_to_publish(platform: FhirClient, doctor: Effecteur) -> None:
    own = seat(doctor, at(9))
    seat(doctor, at(10), source="editeur-essai", external_id="1")
    assert keys(doctor) == {str(own.pk)}


@pytest.mark.parametrize(("kept", "sent"), [("adeli", "0861234567"), ("idnps", "3456780581/11242343")])
def test_identifiers_kept_without_prefix_come_back_with_it(platform: FhirClient, kept: str, sent: str) -> None:
    doctor = make_offer.effecteur()
    doctor.professional.rpps = None
    setattr(doctor.professional, kept, sent[1:] if kept == "adeli" else sent)
    doctor.professional.save()
    seat(doctor, at(9))
    assert slots(sent).of("Practitioner")[0]["identifier"][0]["value"] == sent


def test_only_what_was_included_is_there(platform: FhirClient, doctor: Effecteur) -> None:
    seat(doctor, at(9))
    number = national(doctor.professional)
    assert {e["resource"]["resourceType"] for e in slots(number, more="_format=json").json["entry"]} == {"Slot"}
    only = slots(number, more="_include=Slot:schedule").json["entry"]
    assert {e["resource"]["resourceType"] for e in only} == {"Slot", "Schedule"}


def test_offsets_change_with_the_season_and_the_place(platform: FhirClient) -> None:
    island = make_offer.effecteur(zone="Indian/Reunion", departement="974")
    seat(island, at(9))
    (found,) = slots(national(island.professional)).of("Slot")
    assert found["start"] == "2026-11-16T12:00:00.000+04:00"


@pytest.mark.parametrize("many", [1, 3])
def test_as_many_questions_for_one_doctor_as_for_three(
    platform: FhirClient, django_assert_num_queries: Any, many: int
) -> None:
    doctors = [make_offer.effecteur(f"Médecin{number}") for number in range(many)]
    for each in doctors:
        seat(each, at(9))
    numbers = [national(each.professional) for each in doctors]
    slots(*numbers)
    with django_assert_num_queries(4):  # who asks, who is asked, slots, places
        assert slots(*numbers).json["total"] == many
