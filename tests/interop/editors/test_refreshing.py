"""Agendas of editors read over HTTPS: what is kept, what is dropped, and what an editor that fails costs."""

import time
from datetime import timedelta

import pytest

from quinze.availability.models import EditorAgenda, Slot, SlotSource
from quinze.interop.editors.fake_agenda import Hour
from quinze.interop.editors.models import EditorCall, EditorDrop
from quinze.interop.editors.refreshing import refresh
from tests.factories import editors as make
from tests.factories import orientation
from tests.factories.editors import Pki
from tests.factories.orientation import AT, Territory

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=1)


@pytest.fixture
def land() -> Territory:
    return orientation.territory()


def shown(source: str = "agendix") -> list[tuple[float, str]]:
    """Hours after AT, and state."""
    found = Slot.objects.filter(source=source).order_by("starts_at")
    return [((slot.starts_at - AT).total_seconds() / 3600, slot.status) for slot in found]


def outcomes() -> list[str]:
    return list(EditorCall.objects.order_by("editor").values_list("outcome", flat=True))


def test_slots_of_two_editors_and_our_own_live_together(land: Territory, papers: Pki) -> None:
    cormier, sorbier, ours = (orientation.doctor(land, name) for name in ("Cormier", "Sorbier", "Tilleul"))
    mine = orientation.slot(ours, 3)
    with (
        make.answering(papers, make.doctor_of(cormier, 1, 2)) as first,
        make.answering(papers, make.doctor_of(sorbier, 4)) as second,
    ):
        agendas = make.registered(first, papers, cormier)[1]
        agendas += make.registered(second, papers, sorbier, code="docto")[1]
        done = refresh(agendas, at=AT)

    assert (done.received.open, done.silent, done.dropped) == (3, {}, 0)
    assert done.fresh == {agenda.pk for agenda in agendas}
    assert shown() == [(1, "open"), (2, "open")]
    assert shown("docto") == [(4, "open")]
    first_slot = Slot.objects.get(source="docto")
    assert (first_slot.place, first_slot.professional, first_slot.audience) == (sorbier, sorbier.professional, "SNP")
    assert first_slot.url.startswith(f"{second.root}/agenda/")
    view = orientation.searched(orientation.request(land), land)
    seats = {slot.id for level in view.levels for proposal in level.proposals for slot in proposal.slots}
    assert seats == {mine.pk, *Slot.objects.exclude(source="quinze").values_list("pk", flat=True)}


def test_an_editor_that_is_down_costs_the_others_nothing(land: Territory, papers: Pki) -> None:
    cormier, sorbier = orientation.doctor(land, "Cormier"), orientation.doctor(land, "Sorbier")
    with make.answering(papers, make.doctor_of(cormier, 1)) as fake:
        agendas = make.registered(fake, papers, cormier)[1]
        agendas += make.registered("https://localhost:1/fhir", papers, sorbier, code="muet")[1]
        done = refresh(agendas, at=AT)

    assert (done.received.open, done.silent) == (1, {"muet": "unreachable"})
    silent = SlotSource.objects.get(pk="muet")
    assert silent.silent_since is not None
    assert AT <= silent.silent_since < AT + MINUTES
    assert EditorAgenda.objects.get(source="muet").failed_at == silent.silent_since
    assert SlotSource.objects.get(pk="agendix").silent_since is None
    assert outcomes() == ["ok", "unreachable"]


def test_a_silence_keeps_its_first_hour_and_ends_with_an_answer(land: Territory, papers: Pki) -> None:
    place = orientation.doctor(land)
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        _, agendas = make.registered(fake, papers, place)
        fake.mood.status = 503
        refresh(agendas, at=AT)
        refresh(agendas, at=AT + 2 * MINUTES)
        silent = SlotSource.objects.get().silent_since
        assert silent is not None
        assert silent < AT + MINUTES
        fake.mood.status = 200
        refresh(agendas, at=AT + 4 * MINUTES)

    assert SlotSource.objects.get().silent_since is None
    assert shown() == [(1, "open")]


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        ({"status": 500}, "http_500"),
        ({"redirect": "https://localhost:1/ailleurs"}, "redirect"),
        ({"redirect": "http://169.254.169.254/latest/meta-data"}, "redirect"),
        ({"body": b"<html>"}, "not_json"),
        ({"body": b"{}", "content_type": "text/html"}, "not_json"),
        ({"body": b"[" * 100_000}, "not_json"),
        ({"body": b'{"resourceType": "Patient"}'}, "garbage"),
        ({"body": b'{"resourceType": "Bundle", "type": "searchset", "entry": 3}'}, "garbage"),
        ({"body": b"\xff\xfe"}, "not_json"),
        ({"hang_up": True}, "broken"),
    ],
)
def test_an_answer_that_is_none_keeps_the_slots_known(
    land: Territory, papers: Pki, mood: dict[str, object], code: str
) -> None:
    place = orientation.doctor(land)
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        _, agendas = make.registered(fake, papers, place)
        refresh(agendas, at=AT)
        for name, value in mood.items():
            setattr(fake.mood, name, value)
        done = refresh(agendas, at=AT + MINUTES)

    assert done.silent == {"agendix": code}
    assert shown() == [(1, "open")]
    assert len(fake.asked) == 2  # nothing was followed


def test_an_enormous_answer_is_left_in_the_middle(
    land: Territory, papers: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quinze.interop.editors.fetching.LIMIT", 200_000)
    place = orientation.doctor(land)
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        _, agendas = make.registered(fake, papers, place)
        fake.mood.body = b" " * 3_000_000
        done = refresh(agendas, at=AT)
    assert done.silent == {"agendix": "too_large"}


@pytest.mark.parametrize("mood", ["latency", "drip"])
def test_what_is_late_is_dropped_and_nobody_waits_for_it(land: Territory, papers: Pki, mood: str) -> None:
    slow, quick = orientation.doctor(land), orientation.doctor(land)
    with (
        make.answering(papers, make.doctor_of(slow, 1)) as first,
        make.answering(papers, make.doctor_of(quick, 2)) as second,
    ):
        agendas = make.registered(first, papers, slow)[1]
        agendas += make.registered(second, papers, quick, code="docto")[1]
        setattr(first.mood, mood, 1.5)
        began = time.monotonic()
        done = refresh(agendas, at=AT, budget=0.8)
        assert time.monotonic() - began < 1.5

    assert done.silent == {"agendix": "timeout"}
    assert (shown(), shown("docto")) == ([], [(2, "open")])


def test_a_server_of_another_authority_is_not_believed(
    land: Territory, papers: Pki, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place, other = orientation.doctor(land), make.pki(tmp_path_factory.mktemp("other"))
    with make.answering(other, make.doctor_of(place, 1)) as fake:
        _, agendas = make.registered(fake, papers, place)
        done = refresh(agendas, at=AT)
    assert done.silent == {"agendix": "certificate"}
    assert fake.asked == []


def test_a_client_of_another_authority_is_refused_by_the_editor(
    land: Territory, papers: Pki, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place, other = orientation.doctor(land), make.pki(tmp_path_factory.mktemp("other"))
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        certificate, key = str(other.client.certificate), str(other.client.key)
        _, agendas = make.registered(fake, papers, place, certificate=certificate, key=key)
        done = refresh(agendas, at=AT)
    assert done.silent["agendix"] in ("certificate", "broken")  # its alert may come after its hanging up
    assert fake.asked == []


def test_bad_slots_are_dropped_one_by_one_and_counted_by_reason(land: Territory, papers: Pki) -> None:
    place = orientation.doctor(land)
    with make.answering(papers, make.doctor_of(place, *range(1, 11))) as fake:
        _, agendas = make.registered(fake, papers, place)
        fake.mood.malformed = 8
        done = refresh(agendas, at=AT)
        refresh(agendas, at=AT + MINUTES)

    assert (done.received.open, done.dropped) == (2, 8)
    assert shown() == [(9, "open"), (10, "open")]
    reasons = {drop.reason: drop.count for drop in EditorDrop.objects.all()}
    assert reasons == {"hours": 4, "status": 2, "label": 2, "owner": 2, "url": 2, "modality": 2, "window": 2}


def test_twenty_six_agendas_are_two_requests_of_25_at_most(land: Territory, papers: Pki) -> None:
    places = [orientation.doctor(land) for _ in range(26)]
    with make.answering(papers, *(make.doctor_of(place, 1) for place in places)) as fake:
        _, agendas = make.registered(fake, papers, *places)
        done = refresh(agendas, at=AT)

    assert done.received.open == 26
    assert sorted(call.asked for call in EditorCall.objects.all()) == [1, 25]
    assert [asked.subject for asked in fake.asked] == ["quinze", "quinze"]


def test_an_hour_moved_by_the_editor_leaves_its_patient_where_they_are_expected(land: Territory, papers: Pki) -> None:
    place = orientation.doctor(land)
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        _, agendas = make.registered(fake, papers, place)
        refresh(agendas, at=AT)
        booking = orientation.booked(orientation.request(land), place, Slot.objects.get(), land)
        fake.doctors[0].hours[0].start += timedelta(hours=1)  # the same key, another hour
        refresh(agendas, at=AT + MINUTES)

    booking.refresh_from_db()
    assert booking.slot is not None
    assert booking.starts_at == booking.slot.starts_at == AT + timedelta(hours=1)
    assert shown() == [(1, "withdrawn"), (2, "open")]


def test_the_answer_to_an_older_question_never_replaces_a_later_one(land: Territory, papers: Pki) -> None:
    place = orientation.doctor(land)
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        _, agendas = make.registered(fake, papers, place)
        refresh(agendas, at=AT)
        fake.doctors[0].hours = [Hour(AT + timedelta(hours=5))]
        done = refresh(agendas, at=AT - MINUTES)

    assert done.fresh == set()
    assert shown() == [(1, "open")]


def test_a_place_that_the_directory_has_not_is_never_guessed(land: Territory, papers: Pki) -> None:
    place = orientation.doctor(land)
    doctor = make.doctor_of(place, 1)
    doctor.city, doctor.postal_code = "Brest", "29200"
    with make.answering(papers, doctor) as fake:
        _, agendas = make.registered(fake, papers, place)
        refresh(agendas, at=AT)
    assert shown() == []
    assert EditorDrop.objects.get().reason == "place"


def test_what_is_asked_is_spelled_as_the_guide_does(land: Territory, papers: Pki) -> None:
    place = orientation.doctor(land)
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        _, agendas = make.registered(fake, papers, place)
        refresh(agendas, at=AT)
    assert place.professional is not None
    assert fake.asked[0].path == (
        "/fhir/Slot?_include=Slot:schedule&_include:iterate=Schedule:actor"
        "&start=ge2026-11-17T10:00:00.000%2B01:00&start=le2026-11-20T00:00:00.000%2B01:00"
        f"&schedule.actor:Practitioner.identifier=urn:oid:1.2.250.1.71.4.2.1|8{place.professional.rpps}&status=free"
    )


@pytest.mark.parametrize("agendas", [1, 3])
def test_an_answer_is_stored_by_as_many_statements_whatever_its_slots(  # eleven an agenda
    land: Territory, papers: Pki, agendas: int, django_assert_num_queries: object
) -> None:
    places = [orientation.doctor(land) for _ in range(agendas)]
    with make.answering(papers, *(make.doctor_of(place, 1, 2, 3) for place in places)) as fake:
        _, known = make.registered(fake, papers, *places)
        refresh(known, at=AT)
        with django_assert_num_queries(17 + 11 * (agendas - 1)):  # type: ignore[operator]
            refresh(known, at=AT + MINUTES)
