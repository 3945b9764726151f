"""From a need by quarter-hour to shifts, to a week planned, filled, with its gaps: in the pages, and from files."""

from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.science.queueing.capacity import Study
from quinze.science.queueing.day import calls_by_hour
from quinze.staffing import operations as do
from quinze.staffing.covering import Asked, covered
from quinze.staffing.models import RosterAssignment, RosterShift, ShiftKind
from quinze.staffing.queries import planning
from quinze.staffing.reports.shifts import shifts_report
from quinze.staffing.rostering import ONE_DAY, monday_of
from quinze.staffing.shift_kinds import from_tables, kind_of, minute_of, starts_of
from quinze.staffing.study_files import capacity_of
from tests.factories.accounts import login, make_actor, make_sas
from tests.factories.rosters import somebody

pytestmark = pytest.mark.django_db
STUDY = Study(calls_by_hour=calls_by_hour(176_200))
PAGE = "/effectifs/etudes/gardes/"
TOML = b"""
etudes = ["gardes"]
appels_par_an = 60000
semaine = [100, 95, 95, 95, 100, 115, 110]
[[gardes]]
poste = "arm"
nom = "Jour"
debuts = ["07:00"]
duree = "12:00"
pause = 30
[[gardes]]
poste = "arm"
nom = "Nuit"
debuts = ["19h"]
duree = "12h"
cout = 130
[[gardes]]
poste = "osnp"
nom = "Douze"
debuts = ["00:00", "12:00"]
duree = "12:00"
[[gardes]]
poste = "regulateur_amu"
nom = "Douze"
debuts = ["08:00", "20:00"]
duree = "12:00"
[[gardes]]
poste = "regulateur_snp"
nom = "Six"
debuts = ["00:00", "06:00", "12:00", "18:00"]
duree = "06:00"
"""


@pytest.fixture
def editor(client):
    return login(client, make_actor(Role.SUPERVISOR))


def _next_monday():
    return monday_of(clock.now().date()) + 7 * ONE_DAY


def test_every_quarter_hour_is_held_and_people_are_counted():
    posts = covered(Asked(STUDY))
    assert [post.role for post in posts] == [Role.ARM, Role.OSNP, Role.REGULATEUR_AMU, Role.REGULATEUR_SNP]
    for post in posts:
        assert not any(post.cover.short)
        assert all(there >= need for there, need in zip(post.cover.covered, post.needed, strict=True))
        assert 0 < post.night_hours < post.paid_hours
        weekly = post.fte(STUDY) * (1 - 0.08) * (1 - 0.03) * 1582 / 52.18
        assert weekly == pytest.approx(post.paid_hours, rel=0.08), "nights have shorter years"


def test_the_report_says_shrinkage_line_by_line_and_the_shifts():
    report = shifts_report(Asked(STUDY), place="SAS 86")
    assert "Aucun quart d’heure n’est vide." in report.answer[0]
    away = next(section for section in report.sections if section.heading == "Des gardes aux personnes")
    assert [row[0] for row in away.table.rows] == ["Absences", "Congés", "Formation"]
    assert away.table.rows[-1][2] == pytest.approx(0.92 * 0.97)
    shifts = report.sections[-1].table.rows
    assert {row[0] for row in shifts} >= {"ARM", "OSNP"}
    assert sum(section.is_drawn for section in report.sections) == 4


def test_supervisors_go_the_whole_way_in_the_pages(editor):
    page = editor.get(PAGE + "?appels_par_an=60000").content.decode()
    assert "Gardes de la semaine" in page
    assert "Prévoir ces gardes" in page
    assert editor.get(PAGE + "dessins/2/?appels_par_an=60000").content.startswith(b"<svg")
    for kind in ("pdf", "xlsx", "png"):
        assert editor.get(f"/effectifs/etudes/gardes/export/{kind}/?appels_par_an=60000").status_code == 200
    monday = _next_monday()
    address = reverse("staffing:plan_cover") + "?appels_par_an=60000"
    week = editor.post(address, {"monday": monday.isoformat()}, follow=True).content.decode()
    made = RosterShift.objects.count()
    assert made > 30
    assert "Défauts de planning" in week
    for _ in range(3):
        somebody(Role.ARM)
    act = reverse("staffing:week_act", kwargs={"monday": monday.isoformat(), "what": "completer"})
    filled = editor.post(act, follow=True).content.decode()
    assert "place(s) vide(s), sans enfreindre aucune règle" in filled, "three people cannot hold them all"
    assert RosterAssignment.objects.exists()
    editor.post(address, {"monday": monday.isoformat()})
    assert RosterShift.objects.count() == made, "asked twice, planned once"


@pytest.mark.parametrize("monday", ["", "n’importe quoi", "2026-11-24", "1999-01-04", "9999-12-27"])
def test_a_day_that_is_no_coming_monday_is_refused(editor, monday):
    page = editor.post(reverse("staffing:plan_cover"), {"monday": monday}, follow=True)
    assert "Choisissez" in page.content.decode()
    assert not RosterShift.objects.exists()


def test_a_study_that_is_refused_plans_nothing(editor):
    bad = reverse("staffing:plan_cover") + "?appels_par_an=-5"
    page = editor.post(bad, {"monday": _next_monday().isoformat()}, follow=True).content.decode()
    assert "corrigez l’étude" in page
    assert not RosterShift.objects.exists()
    assert "7 nombres" in editor.get(PAGE + "?semaine=1+2+3").content.decode()


def test_a_sas_covers_with_its_own_sorts_of_shifts(editor):
    data = {
        "role": "arm",
        "name": "Vingt-quatre",
        "starts": "08:00, 20:00",
        "hours": "12:00",
        "pause": "0",
        "cost": "100",
    }
    assert "ajoutée" in editor.post(reverse("staffing:kinds"), data, follow=True).content.decode()
    sas = make_sas()
    mine = [each.kind for each in planning.kinds_of(sas) if each.role == Role.ARM]
    assert [(kind.name, kind.starts) for kind in mine] == [("Vingt-quatre", (480, 1200))]
    assert any(each.role == Role.OSNP for each in planning.kinds_of(sas)), "the others begin with ours"
    assert "porte déjà ce nom" in editor.post(reverse("staffing:kinds"), data).content.decode()
    gone = editor.post(reverse("staffing:remove_kind", args=[ShiftKind.objects.get().pk]), follow=True)
    assert "retirée" in gone.content.decode()
    elsewhere = ShiftKind.objects.create(sas=make_sas("44"), role="arm", name="x", starts=[0], minutes=60)
    assert editor.post(reverse("staffing:remove_kind", args=[elsewhere.pk])).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("starts", "25:00", "n’est pas une heure"), ("starts", "", "À remplir"), ("starts", "07:07", "quart d’heure"),
        ("hours", "douze", "n’est pas une heure"), ("hours", "23:45", "14 heures"), ("pause", "9999", "240"),
        ("pause", "-1", "0"), ("cost", "1", "10"), ("role", "supervisor", "choix"),
    ],
)  # fmt: skip
def test_absurd_sorts_of_shifts_are_refused(editor, field, value, said):
    data = {"role": "arm", "name": "Jour", "starts": "07:00", "hours": "12:00", "pause": "0", "cost": "100"}
    page = editor.post(reverse("staffing:kinds"), data | {field: value})
    assert page.status_code == 422
    assert not ShiftKind.objects.exists()
    assert said in page.content.decode()


@pytest.mark.parametrize("text", ["", "x", "7:60", "24:00", "-1:00", "7:0:0", "²:00"])
def test_what_is_no_hour_is_refused(text):
    with pytest.raises(Refusal):
        minute_of(text)


def test_hours_are_read_as_people_write_them():
    assert [minute_of(text) for text in ("7", "07:30", "7h30", "19 h")] == [420, 450, 450, 1140]
    assert starts_of("19:00; 7h, 7:00") == (420, 1140)
    with pytest.raises(Refusal):
        kind_of(name="x", minutes=100, starts=(420,))


def test_a_file_goes_the_whole_way_to_a_named_roster(tmp_path: Path, db):
    file, sheet, named = tmp_path / "etude.toml", tmp_path / "planning.xlsx", tmp_path / "nomme.xlsx"
    file.write_bytes(TOML)
    monday, out = _next_monday(), StringIO()
    call_command("capacity", file, roster=sheet, monday=monday, output=[tmp_path / "e.pdf"], stdout=out)
    assert "gardes écrites" in out.getvalue()
    assert (tmp_path / "e.pdf").read_bytes().startswith(b"%PDF")
    assert openpyxl.load_workbook(sheet).active["A1"].value == "Poste"
    supervisor = make_actor(Role.SUPERVISOR)
    people = [somebody(Role.ARM) for _ in range(3)]
    told = StringIO()
    call_command(
        "roster", sheet, sas="86", by=supervisor.user.email, fill=True, publish=True, output=named, stdout=told
    )
    assert "place(s) vide(s)." in told.getvalue()
    assert "manque" in told.getvalue()
    cells = [cell for row in openpyxl.load_workbook(named).active.iter_rows(values_only=True) for cell in row]
    assert any(people[0].email in str(cell) for cell in cells)
    with pytest.raises(CommandError, match="ni superviseur"):
        call_command("roster", sheet, sas="86", by=people[0].email)


def test_files_that_make_no_sense_are_refused(tmp_path: Path):
    for content in (
        b"jour = 'demain'", b"semaine = [1, 2]", b"[[gardes]]\nposte = 'roi'", b"[[gardes]]\nposte = 'arm'\nrepos = 1",
        b"[[gardes]]\nposte = 'arm'\ndebuts = '07:00'\nduree = '12:00'", b"gardes = 3",
        b"[[gardes]]\nposte = 'arm'\ndebuts = ['07:00']\nduree = '12:00'\npause = 'longue'",
    ):  # fmt: skip
        with pytest.raises(Refusal):
            capacity_of(b"etudes = ['gardes']\n" + content)
    only_arm = b"etudes = ['gardes']\n[[gardes]]\nposte = 'arm'\ndebuts = ['00:00', '12:00']\nduree = '12:00'"
    with pytest.raises(Refusal, match="Aucune sorte de garde pour OSNP"):
        capacity_of(only_arm)
    with pytest.raises(Refusal, match="couleur"):
        from_tables([{"poste": "arm", "couleur": "bleu"}])
    file = tmp_path / "etude.toml"
    file.write_bytes(TOML)
    with pytest.raises(CommandError, match="--monday"):
        call_command("capacity", file, roster=tmp_path / "x.xlsx", stdout=StringIO())


def test_who_does_not_edit_plans_nothing(db):
    reader = make_actor(Role.ARM)
    with pytest.raises(Refusal, match="ne modifie pas"):
        do.plan_cover(covered(Asked(STUDY)), monday=_next_monday(), by=reader, at=clock.now())
