"""A month of past requests under another charter, from the logs alone (complaint 21)."""

import copy
import csv
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection
from django.test import Client

from quinze.accounts.roles import Role
from quinze.availability.models import Slot
from quinze.orientation import operations
from quinze.orientation.models import OrientationRequest, RankingLog
from quinze.orientation.queries.replays import nothing_written, replay
from quinze.science.charter import charter_from_json
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor
from tests.factories.availability import slot as make_slot

AT = make.AT
LATER = AT + timedelta(hours=8)
pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    """Two requests: the near doctor, who is free first, was called for both."""
    land = make.territory()
    near, far = make.doctor(land, "Proche"), make.doctor(land, "Loin", km=9)
    for place in (near, far):
        make_slot(place, AT - timedelta(hours=4), AT - timedelta(hours=2))
    seats = [make.slot(near, hours) for hours in (1, 2)]
    make.slot(far, 5)
    for number, seat in enumerate(seats):
        at = AT + timedelta(minutes=number)
        make.booked(make.request(land, at=at), near, seat, land, at=at)
    operations.count_offered_days(sas=land.sas, at=LATER)
    return land


def document(land: make.Territory, *order: str):
    text = copy.deepcopy(land.charter.document)
    for level in text["levels"]:
        level["order"] = list(order)
    return text | {"version": "essai"}


def tried(land: make.Territory, text) -> object:
    return replay(sas=land.sas, charter=charter_from_json(text), days=30, at=LATER)


def labels(found, side: str) -> list[str]:
    return [getattr(row, side).label.removeprefix("Dr Hélène ") for row in found.rows]


def test_the_same_charter_changes_nothing(land: make.Territory):
    found = tried(land, land.charter.document)
    assert labels(found, "called") == labels(found, "before") == labels(found, "after") == ["Proche", "Proche"]
    assert (found.changed, found.before, found.moved) == (0, found.after, ())
    assert found.called.gini == found.after.gini


def test_another_charter_shows_who_would_have_been_called_and_how_even_it_is(land: make.Territory):
    found = tried(land, document(land, "fairest", "earliest"))
    assert labels(found, "before") == ["Proche", "Proche"]
    assert labels(found, "after") == ["Proche", "Loin"]
    assert found.changed == 1
    assert found.before.gini > found.after.gini
    assert found.after.delay > found.before.delay
    assert [(one.label, one.before, one.after) for one in found.moved] == [
        ("Dr Hélène Loin", 0, 1),
        ("Dr Hélène Proche", 2, 1),
    ]
    assert found.after.levels == (("4. Médecins participants", 2),)


def test_it_reads_the_logs_and_not_today_s_offer(land: make.Territory):
    before = tried(land, document(land, "fairest", "earliest"))
    Slot.objects.update(status="withdrawn")
    assert tried(land, document(land, "fairest", "earliest")).rows == before.rows


def test_requests_without_a_search_and_of_another_time_or_sas_are_left_out(land: make.Territory):
    make.request(land, at=AT + timedelta(hours=1))
    make.request(make.territory("16"))
    assert tried(land, land.charter.document).unranked == 1
    text = charter_from_json(land.charter.document)
    assert replay(sas=land.sas, charter=text, days=1, at=AT + timedelta(days=9)).rows == ()


def test_the_latest_requests_only_when_asked(land: make.Territory):
    text = charter_from_json(land.charter.document)
    (row,) = replay(sas=land.sas, charter=text, days=30, at=LATER, most=1).rows
    assert row.at == AT + timedelta(minutes=1)


@pytest.mark.parametrize("requests", [1, 3])
def test_it_reads_as_often_for_one_request_as_for_three(requests, django_assert_num_queries):
    land = make.territory()
    make.slot(make.doctor(land), 9)
    for _ in range(requests):
        make.searched(make.request(land), land)
    with django_assert_num_queries(6):
        tried(land, land.charter.document)


def test_nothing_can_be_written_during_a_replay(land: make.Territory):
    with pytest.raises(Error, match="read-only"), nothing_written(), connection.cursor() as cursor:
        cursor.execute("UPDATE orientation_orientationrequest SET version = 9")


# ---- the command


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("replay_charter", *map(str, arguments), f"--at={LATER.isoformat()}", stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_command_shows_both_charters_side_by_side_and_writes_nothing(land: make.Territory, tmp_path: Path):
    path = tmp_path / "charte.json"
    path.write_text(json.dumps(document(land, "fairest", "earliest")), encoding="utf-8")
    counts = (RankingLog.objects.count(), OrientationRequest.objects.count())
    text = run("--sas", "86", "--charter", path)
    assert "2 demandes rejouées" in text
    assert "1 auraient appelé quelqu’un d’autre" in text
    assert "Gini, professionnels, par heure" in text
    assert "Dr Hélène Loin" in text
    assert run("--sas", "86", "--charter", path) == text
    assert (RankingLog.objects.count(), OrientationRequest.objects.count()) == counts


def test_the_command_takes_a_version_or_the_draft_and_exports_every_request(land: make.Territory, tmp_path: Path):
    assert "0 auraient appelé" in run("--sas", "86", "--charter", land.charter.number)
    operations.start_draft(sas=land.sas, by=land.referent, at=AT)
    target = tmp_path / "rejeu.csv"
    assert "0 auraient appelé" in run("--sas", "86", "--charter", "brouillon", "--csv", target, "--rows", 0)
    rows = list(csv.DictReader(StringIO(target.read_text(encoding="utf-8-sig")), delimiter=";"))
    assert [row["qui : cette charte"] for row in rows] == ["Dr Hélène Proche"] * 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sas", "99", "--charter", "1"], "Aucun SAS de code 99"),
        (["--sas", "86", "--charter", "77"], "n’a pas de charte"),
        (["--sas", "86", "--charter", "/nowhere/at/all.json"], "ne se lit pas"),
        (["--sas", "86", "--charter", "1", "--days", "0"], "de 1 à 366 jours"),
    ],
)
def test_the_command_says_what_it_cannot_do(land: make.Territory, arguments, said):
    with pytest.raises(CommandError, match=said):
        run(*arguments)


@pytest.mark.parametrize(
    ("text", "said"), [("{", "n’est pas du JSON"), ('{"levels": 3}', "à corriger"), ("[]", "à corriger")]
)
def test_garbage_instead_of_a_charter_is_said(land: make.Territory, tmp_path: Path, text, said):
    path = tmp_path / "charte.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=said):
        run("--sas", "86", "--charter", path)


# ---- the page of the draft


def test_the_draft_is_replayed_on_its_page_and_nothing_is_written(land: make.Territory):
    draft = operations.start_draft(sas=land.sas, by=land.referent, at=AT)
    text = draft.document | {"levels": document(land, "fairest", "earliest")["levels"]}
    operations.save_draft(draft=draft, title="Essai", authors="Comité", document=text, by=land.referent, at=AT)
    referent = login(Client(), make_actor(Role.REFERENT, land.sas))
    logs = RankingLog.objects.count()
    html = referent.get("/charte/brouillon/rejeu/").content.decode()
    assert "Gini des professionnels" in html
    assert "Dr Hélène Loin" in html
    assert "auraient appelé quelqu’un d’autre" in html
    assert RankingLog.objects.count() == logs
    assert "/charte/brouillon/rejeu/" in referent.get("/charte/brouillon/").content.decode()


def test_without_a_draft_or_without_any_request_the_page_says_so(land: make.Territory):
    referent = login(Client(), make_actor(Role.REFERENT, land.sas))
    assert referent.get("/charte/brouillon/rejeu/").status_code == 404
    other = make.territory("16")
    operations.start_draft(sas=other.sas, by=other.referent, at=AT)
    empty = login(Client(), make_actor(Role.REFERENT, other.sas)).get("/charte/brouillon/rejeu/")
    assert "Rien à rejouer" in empty.content.decode()
