"""The crisis drill: its page, its files, its command."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quinze.accounts.models import Sas
from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.science.queueing.capacity import Study
from quinze.science.queueing.day import calls_by_hour
from quinze.staffing import drill as drills
from quinze.staffing import inputs
from quinze.staffing.drill import ALONE, ANSWERED, PLANNED, SIZED, Change, Drill, drilled, level_of
from quinze.staffing.drill_inputs import Day, drill_of
from quinze.staffing.models import CallForecast, StaffMember
from quinze.staffing.queries.days import day_of
from quinze.staffing.reports.crisis import crisis_report
from tests.factories.accounts import login, make_actor, make_sas
from tests.factories.rosters import AT, MONDAY, make_shift, put_on, somebody

pytestmark = pytest.mark.django_db
PAGE = "/effectifs/etudes/crise/"
STUDY = Study(calls_by_hour=calls_by_hour(60_000))
SMALL = {"appels_par_an": "60000"}
NOTHING = {"afflux": "", "renfort_n1": "", "entraide": ""}


@pytest.fixture(autouse=True)
def few_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of the days that a page plays."""
    monkeypatch.setattr(drills, "MOST", 12)


def asked(study: Study = STUDY, **values: object) -> Drill:
    return drill_of(values, study=study, day=Day())


@pytest.fixture
def reader(client: Client) -> Client:
    return login(client, make_actor(Role.SUPERVISOR, make_sas("86")))


def page(client: Client, **query: object) -> str:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


# ---- what it answers


def test_without_incident_nor_answer_all_variants_are_the_same_day():
    drill = asked(**NOTHING)
    played = drilled(drill).played
    assert set(played) == {PLANNED, ALONE, ANSWERED}
    for level, track in played[PLANNED].ours.items():
        for name in (ALONE, ANSWERED):
            assert (track.waits == played[name].ours[level].waits).all()
    report = crisis_report(drill, place="SAS 86")
    assert report.answer[0].startswith("Aucun incident")
    changes = [row[4] for row in report.sections[1].table.rows]
    assert changes == [0] * 5


def test_a_crowd_is_told_without_and_with_the_answer():
    report = crisis_report(asked(), place="SAS 86")
    alone, answered, *_ = report.answer
    assert "Sans réponse, de 18:00 à" in alone
    assert "appels perdus évités" in answered
    assert "la salle revient à la normale à" in alone
    assert "À rappeler pour tenir les objectifs" in report.answer[-1]
    assert report.subtitle.endswith("appels × 4 de 18:00 à 20:00, montée 30 min")
    front = report.sections[1].table.rows[0]
    planned, left, helped, change, width, sized = front[1:]
    assert left < min(helped, planned, sized)
    assert change == pytest.approx(helped - left)
    assert change > width > 0
    assert [section.is_drawn for section in report.sections].count(True) == 2
    slots = report.sections[-5].table.rows
    assert (slots[0][0], slots[4][0]) == ("17:00", "18:00")


def test_people_to_recall_are_those_whom_the_formulas_miss():
    """Twice the calls of a steady day, one line held to the post: as many again, or nearly."""
    steady = replace(STUDY, calls_by_hour=(40.0,) * 24)
    found = {one.line.key: one for one in drilled(asked(steady, afflux=2, afflux_montee=0)).lacking}
    assert {"n1", "n2_amu", "n2_snp", "n3_amu", "n3_snp"} == set(found)
    assert all(one.held < one.needed <= 2 * one.held for one in found.values())
    assert all(one.start in range(72, 75) and one.end in range(78, 85) for one in found.values())
    none = asked(steady, afflux=2, **{f"tenus_{line}": 40 for line in found})
    assert drilled(none).lacking == ()
    assert SIZED not in drilled(none).played


def test_absent_people_are_missed_when_they_are_absent():
    drill = asked(**NOTHING | {"absents_n1": "1 de 10:00 à 14:00", "tenus_n1": "3"})
    assert drill.absent == (Change("n1", 1, 40, 56),)
    assert "absents N1 décroché : 1, de 10:00 à 14:00" in crisis_report(drill, place="86").subtitle
    track = drilled(drill).played[ALONE].scenario.centres[0].groups[0].agents
    assert (track[39], track[40], track[55], track[56]) == (3, 2, 2, 3)


def test_a_telephone_down_loses_calls_and_the_room_says_when_they_come_back():
    report = crisis_report(asked(**NOTHING | {"coupure_a": "11:05", "coupure_duree": 25}), place="86")
    assert "téléphonie coupée de 11:05 à 11:30" in report.subtitle
    assert "appels perdus ; la salle revient à la normale à 11:" in report.answer[0]
    assert report.answer[1].startswith("Aucune réponse n’est donnée")


def test_a_neighbour_helps_and_is_shown():
    report = crisis_report(asked(voisin_seuil=20, voisin_taille=50), place="86")
    assert "aide d’un voisin après 20 s" in report.answer[1]
    assert report.sections[1].table.rows[-1][0] == "Décroché du voisin"


def test_one_level_drills_too():
    drill = asked(replace(STUDY, organisation="un"), entraide="", tenus_n1="4")
    assert [line.key for line in drill.lines] == ["arm", "n3_amu", "n3_snp"]
    assert dict(drill.posts)["arm"] == (4,) * 120
    assert len(crisis_report(drill, place="86").sections[1].table.rows) == 3


def test_an_evening_goes_on_in_the_night():
    drill = asked(afflux_a="23:00", afflux_duree=120, renfort_n1="2 de 22:00 à 02:00, 1 dès 01:00")
    assert (drill.crowd_start, drill.crowd_end) == (92, 100)
    assert drill.recalled == (Change("n1", 2, 88, 104), Change("n1", 1, 4, 120))


# ---- bad input


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"afflux": "-3"}, "« -3 » ; de 1 à 50"),
        ({"afflux": "beaucoup"}, "« beaucoup » n’est pas un nombre"),
        ({"afflux": "nan"}, "« nan » ; de 1 à 50"),
        ({"afflux_a": "25:00"}, "n’est pas une heure"),
        ({"afflux_a": "18:07"}, "un quart d’heure"),
        ({"afflux_duree": "100"}, "par quart d’heure"),
        ({"afflux_duree": "1e9"}, "« 1e9 » ; de 0 à 1440"),
        ({"afflux_montee": "180"}, "au plus 120, sa durée"),
        ({"coupure_a": "11:00", "coupure_duree": "0"}, "« 0 » ; de 1 à 720"),
        ({"absents_n1": "trois"}, "écrivez « 2 », « 2 dès 18:30 »"),
        ({"absents_n1": "40"}, "absents N1 : 40 ; au plus"),
        ({"renfort_n1": "1,2,3,4,5,6,7"}, "7 renforts ; 6 au plus"),
        ({"renfort_n1": "99999"}, "de 0 à 10"),
        ({"renfort_n2_snp": "2", "niveaux": "un"}, "ce poste n’existe pas"),
        ({"tenus_n1": "2,5"}, "2.5 ; des nombres entiers"),
        ({"tenus_n3_snp": "1 2 3"}, "3 nombres ; il en faut un, ou 24"),
        ({"appels_heure": "-1"}, "-1 ; des nombres de 0 à"),
        ({"appels_heure": "90000"}, "écrivez un scénario"),
        ({"voisin_seuil": "20", "voisin_taille": "2"}, "« 2 » ; de 5 à 1000"),
        ({"rappel_snp": "peut-être"}, "peut-être"),
        ({"reserve": "1,5"}, "un nombre entier"),
        ({"lignes": "0"}, "« 0 » ; de 1 à"),
        ({"duree_n1": "0,5"}, "ne se joue pas"),
        ({"entraide": "20", "niveaux": "un"}, "aucun second niveau"),
    ],
)
def test_what_no_room_has_is_refused_in_words(query: dict[str, str], said: str) -> None:
    of_study = {key: query[key] for key in query if key in inputs.ASKED}
    others = {key: query[key] for key in query if key not in inputs.ASKED}
    with pytest.raises(Refusal) as refused:
        drilled(asked(inputs.study_of(SMALL | of_study), **others))
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"afflux_a": "18:07"}, "un quart d’heure"),
        ({"absents_n1": "40"}, "absents N1 : 40 ; au plus"),
        ({"date": "demain"}, "une date comme 2026-12-24"),
        ({"date": "1066-10-14"}, "de 03/01/2000 à"),
        ({"part_amu": "150"}, "Part"),
    ],
)
def test_the_page_tells_it_and_keeps_what_was_typed(reader: Client, query: dict[str, str], said: str) -> None:
    shown = page(reader, **SMALL | query)
    assert said in shown
    assert "st-answer" not in shown
    assert f'value="{next(iter(query.values()))}"' in shown


@pytest.mark.parametrize(
    "value", ["2 dès", "dès 18:00", "2 de 18:00 à", "2 dès 18:07", "2 dès 99:00", "-2", "٢x", "2 " * 90]
)
def test_people_are_written_in_one_way(value: str) -> None:
    with pytest.raises(Refusal) as refused:
        asked(renfort_n1=value)
    assert refused.value.field == "renfort_n1"


# ---- the day of the SAS


def test_people_of_the_roster_and_calls_of_the_forecast_are_taken(reader: Client) -> None:
    sas = Sas.objects.get(code="86")
    day = make_shift(start=8, hours=12, needed=5, sas=sas)
    for _ in range(4):
        put_on(day, somebody(sas=sas))
    trainee = somebody(sas=sas)
    StaffMember.objects.create(sas=sas, user=trainee, trainee=True)
    put_on(day, trainee)
    put_on(make_shift(start=20, hours=12, role=Role.REGULATEUR_AMU, sas=sas), somebody(sas=sas))
    forecast(sas, calls=5.0)
    found = day_of(sas, MONDAY)
    assert found.people[Role.ARM] == (0,) * 32 + (4,) * 48 + (0,) * 40
    assert found.people[Role.REGULATEUR_AMU][80:] == (1,) * 40
    assert found.calls == (5.0,) * 120
    drill = drill_of({}, study=STUDY, day=found)
    front, behind = (dict(drill.posts)[line] for line in ("n1", "n2_amu"))
    assert (front[40] + behind[40], min(front[40], behind[40])) == (4, 2)
    shown = page(reader, date=MONDAY.isoformat(), appels_par_an=60_000, tenus_n1="3", tenus_n2_amu="3")
    assert "30/11/2026 : appels de la prévision, postes donnés et de l’étude et du planning" in shown
    assert day_of(sas, MONDAY + timedelta(days=2)).calls == ()


def forecast(sas: Sas, *, calls: float) -> CallForecast:
    midnight = datetime.combine(MONDAY, time(), ZoneInfo(sas.zone)).astimezone(UTC)
    starts = [(midnight + timedelta(minutes=15 * slot)).isoformat() for slot in range(192)]
    content = {"starts": starts, "mean": [calls] * 192, "low": [0.0] * 192, "high": [9.0] * 192}
    by = make_actor(Role.SUPERVISOR, sas).user
    return CallForecast.objects.create(sas=sas, first=MONDAY, days=2, content=content, report="", by=by, at=AT)


def test_one_person_alone_holds_both_lines() -> None:
    drill = drill_of({}, study=STUDY, day=Day(people={Role.ARM: (1,) * 120}))
    assert dict(drill.posts)["n2_amu"] == (0,) * 120
    group = drilled(drill).played[PLANNED].scenario.centres[0].groups[0]
    assert [skill.level.name for skill in group.skills] == ["N1", "N2_AMU"]
    assert drilled(drill).played[PLANNED].ours[level_of("n2_amu")].answered.sum() > 0


@pytest.mark.parametrize(("people", "expected"), [(1, 3), (3, 3)])
def test_a_day_is_three_questions_whoever_is_planned(people: int, expected: int) -> None:
    sas = make_sas("86")
    for rank in range(people):
        put_on(make_shift(start=8 + rank, sas=sas), somebody(sas=sas))
    with CaptureQueriesContext(connection) as captured:
        day_of(sas, MONDAY)
    assert len(captured) == expected


# ---- page, files, command


def test_the_page_answers_at_once_and_is_reached_from_what_if(reader: Client) -> None:
    shown = page(reader)
    assert "Exercice de crise, " in shown
    assert "Retour à la normale" in shown
    assert 'value="18:00"' in shown
    assert PAGE in str(reader.get("/effectifs/etudes/et-si/", {"appels_par_an": 60_000}).content)


def test_a_link_is_the_drill(reader: Client) -> None:
    """A name that the address lacks takes its default, an empty one says no."""
    assert "appels × 4 de 18:00" in page(reader, appels_par_an=60_000)
    assert "aucun incident" in page(reader, appels_par_an=60_000, afflux="")


def test_it_leaves_as_pdf_spreadsheet_and_drawing(reader: Client) -> None:
    """The document holds both drawings."""
    content = {kind: reader.get(f"{PAGE}export/{kind}/", SMALL).content for kind in ("pdf", "xlsx", "png")}
    assert content["pdf"].startswith(b"%PDF")
    assert content["png"].startswith(b"\x89PNG")
    book = openpyxl.load_workbook(io.BytesIO(content["xlsx"]))
    assert isinstance(book.worksheets[1]["C3"].value, float)
    assert "sans réponse" in [cell.value for cell in book.worksheets[1][2]]


def test_a_file_is_drilled_by_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, output = tmp_path / "crise.toml", tmp_path / "crise.json"
    file.write_text('etudes = ["crise"]\nappels_par_an = 60000\n[crise]\nafflux = 3\ntenus_n1 = [3]\nrenfort_n1 = ""\n')
    call_command("capacity", str(file), output=[output])
    told = json.loads(output.read_text(encoding="utf-8"))
    assert "appels × 3 de 18:00" in told["hypotheses"]
    assert told["tableaux"][0]["titre"] == "Pris à temps"
    capsys.readouterr()
    for wrong, said in [
        ("afflux = 90", "« 90 » ; de 1 à 50"),
        ('date = "2026-12-24"', "donnez tenus_n1"),
        ("foule = 4", "foule"),
    ]:
        file.write_text(f'etudes = ["crise"]\n{wrong}\n')
        with pytest.raises(CommandError, match=said):
            call_command("capacity", str(file))
