"""Who practises where is kept by each process, and never served once somebody moved, came or left."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction

from quinze.directory.models import Participation, Place, PracticeStamp, Structure
from quinze.directory.operations.stamps import forget_stamps
from quinze.orientation.queries import practices
from quinze.orientation.queries.practices import known_of
from tests.factories import directory
from tests.factories import orientation as make

AT = make.AT
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    practices._kept.clear()
    yield
    practices._kept.clear()


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def proposed(land: make.Territory) -> list[str]:
    view = make.searched(make.request(land), land)
    return sorted(proposal.label for level in view.levels for proposal in level.proposals)


def is_kept(land: make.Territory) -> bool:
    return not known_of(land.sas.pk, database="default").fresh


def stamps(act: Callable[[], Any]) -> list[list[int]]:
    """Of what this does: the SAS that each new stamp names."""
    before = set(PracticeStamp.objects.values_list("pk", flat=True))
    act()
    return [stamp.sas_ids for stamp in PracticeStamp.objects.exclude(pk__in=before).order_by("pk")]


def test_the_second_search_of_a_sas_reads_its_doctors_no_more(land: make.Territory) -> None:
    make.slot(make.doctor(land, "Ici"), 2)
    assert not is_kept(land)
    assert (proposed(land), is_kept(land)) == (["Dr Hélène Ici"], True)
    assert proposed(land) == ["Dr Hélène Ici"]


def _move(place: Place) -> None:
    Place.objects.filter(pk=place.pk).update(lat=43.3, lon=5.4)


def _close(place: Place) -> None:
    Place.objects.filter(pk=place.pk).update(is_active=False)


def _leave(place: Place) -> None:
    Participation.objects.filter(professional=place.professional).delete()


def _change_profession(place: Place) -> None:
    assert place.professional is not None
    place.professional.profession = "60"
    place.professional.save()


@pytest.mark.parametrize("change", [_move, _close, _leave, _change_profession])
def test_the_search_after_a_change_knows_it(change: Callable[[Place], None], land: make.Territory) -> None:
    there = make.doctor(land, "Là")
    for place in (make.doctor(land, "Ici"), there):
        make.slot(place, 2)
    assert proposed(land) == ["Dr Hélène Ici", "Dr Hélène Là"]
    change(there)
    assert proposed(land) == ["Dr Hélène Ici"]


def test_a_doctor_who_comes_is_proposed_at_once(land: make.Territory) -> None:
    make.slot(make.doctor(land, "Ici"), 2)
    proposed(land)
    make.slot(make.doctor(land, "Là"), 2)
    assert proposed(land) == ["Dr Hélène Ici", "Dr Hélène Là"]


def test_what_takes_part_from_tomorrow_does_so_without_a_stamp(land: make.Territory) -> None:
    place = make.doctor(land, "Demain")
    make.slot(place, 30)
    Participation.objects.filter(professional=place.professional).update(during=(AT + timedelta(hours=24), None))
    request = make.request(land)
    assert make.searched(request, land).candidates == 0
    kept = known_of(land.sas.pk, database="default")
    assert make.searched(make.request(land), land, at=AT + timedelta(hours=25)).candidates == 1
    assert known_of(land.sas.pk, database="default") is kept


def test_a_change_that_was_open_when_it_was_read_is_seen_once_committed(land: make.Territory) -> None:
    """Its stamp is older than the snapshot of what is kept, and was not visible then: two connections."""
    place = make.doctor(land, "Ici")
    make.slot(place, 2)
    written, read = Event(), Event()

    def close() -> None:
        with transaction.atomic():
            _close(place)
            written.set()
            read.wait(timeout=20)
        connections.close_all()

    other = Thread(target=close)
    other.start()
    assert written.wait(timeout=20)
    assert (proposed(land), is_kept(land)) == (["Dr Hélène Ici"], True)
    read.set()
    other.join(timeout=20)
    assert proposed(land) == []


def test_what_is_read_by_a_transaction_that_wrote_is_not_kept(land: make.Territory) -> None:
    place = make.doctor(land, "Ici")
    make.slot(place, 2)
    with transaction.atomic():
        _close(place)
        assert (proposed(land), is_kept(land)) == ([], False)
        transaction.set_rollback(True)
    assert proposed(land) == ["Dr Hélène Ici"]


def test_a_stamp_names_the_sas_concerned_and_no_other(land: make.Territory) -> None:
    far, place = make.territory("79"), make.doctor(land, "Ici")
    mine = [land.sas.pk]
    assert stamps(lambda: make.doctor(far, "Là"))[-1] == [far.sas.pk]
    assert stamps(lambda: _move(place)) == [mine]
    assert stamps(lambda: _change_profession(place)) == [mine]
    structure = make.structure(land, "SOS", "SOS", km=2).structure
    assert stamps(lambda: Structure.objects.filter(pk=structure.pk).update(name="Autre")) == [mine]
    assert stamps(lambda: Participation.objects.filter(professional=place.professional).update(sas=far.sas)) == [
        sorted([land.sas.pk, far.sas.pk])
    ]
    assert stamps(lambda: Place.objects.filter(pk=0).update(lat=1)) == []


def test_old_stamps_are_forgotten_but_the_last_and_what_they_told_is_read_again(land: make.Territory) -> None:
    place = make.doctor(land, "Ici")
    make.slot(place, 2)
    proposed(land)
    assert is_kept(land)
    _close(place)
    last = PracticeStamp.objects.latest("pk")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE directory_practicestamp SET at = %s - interval '3 days'", [AT])
    forget_stamps(before=AT - timedelta(days=1))
    assert list(PracticeStamp.objects.values_list("pk", flat=True)) == [last.pk]
    assert proposed(land) == []


def test_no_more_sas_are_kept_than_fit(land: make.Territory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practices, "KEPT", 1)
    far = make.territory("79")
    for one in (land, far):
        make.slot(make.doctor(one, "Ici"), 2)
        proposed(one)
    assert (is_kept(far), list(practices._kept)) == (True, [("default", far.sas.pk)])


def test_a_membership_and_the_name_of_its_structure_are_told_to_the_sas_of_the_member(land: make.Territory) -> None:
    far, place = make.territory("79"), make.doctor(land, "Ici")
    assert stamps(lambda: directory.membership(place.professional, far.cpts)) == [[land.sas.pk]]
    rename = Structure.objects.filter(pk=far.cpts.pk)
    assert stamps(lambda: rename.update(name="CPTS du Marais")) == [sorted([land.sas.pk, far.sas.pk])]


def test_what_a_proposal_shows_of_a_place_is_what_is_written_now(land: make.Territory) -> None:
    place = make.doctor(land, "Ici", member_of=[land.cpts], phones=["+33549111111"])
    make.slot(place, 2)
    for zone, phone, name in (("hall B", "+33549222222", "CPTS d’avant"), ("hall C", "+33549333333", "CPTS d’après")):
        Place.objects.filter(pk=place.pk).update(zone=zone, phones=[phone])
        Structure.objects.filter(pk=land.cpts.pk).update(name=name)
        first = make.searched(make.request(land), land).first
        assert first is not None
        assert (first.zone, first.phones, name in first.reasons) == (zone, (phone,), True)


def test_who_belongs_to_a_cpts_from_tomorrow_belongs_to_it_without_a_stamp(land: make.Territory) -> None:
    place = make.doctor(land, "Demain", via="cpts", member_of=[land.cpts])
    make.slot(place, 30)
    assert place.professional is not None
    place.professional.memberships.update(during=(AT + timedelta(hours=24), None))
    names = []
    for hours in (0, 25):
        at = AT + timedelta(hours=hours)
        view = make.searched(make.request(land, at=at), land, at=at)
        names.append([level.number for level in view.levels if level.proposals])
    assert names == [[4], [3]]
