"""`quinze simulate`: from files to files."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from distributed import LocalCluster
from django.core.management import CommandError, call_command

from quinze.science.callcentre.drills import more_agents
from quinze.science.callcentre.durations import Exponential
from quinze.science.callcentre.model import Level
from quinze.science.callcentre.scenario import scenario_from_toml
from quinze.science.callcentre.writing import scenario_to_toml
from tests.science.callcentre.centres import one_queue, whole_sas

EXAMPLE = Path(__file__).parents[2] / "docs/reference/scenario.toml"


@pytest.fixture
def planned(tmp_path):
    path = tmp_path / "jour.toml"
    path.write_text(scenario_to_toml(whole_sas(slots=8)), encoding="utf-8")
    return path


def simulated(path: Path, capsys: pytest.CaptureFixture[str], **options: object) -> str:
    call_command("simulate", str(path), **{"replications": 2, **options})
    return capsys.readouterr().out


def test_the_screen_tells_each_level_and_each_group(planned, capsys):
    told = simulated(planned, capsys)
    assert "SAS entier : 2 réplications de 8 quarts d’heure." in told
    for name in ("N1 ", "N2_AMU ", "N2_SNP ", "N3_AMU ", "N3_SNP ", "N4 ", "ARM de front", "OSNP"):
        assert name in told


def test_the_same_seed_tells_the_same(planned, capsys):
    assert simulated(planned, capsys) == simulated(planned, capsys)
    assert simulated(planned, capsys) != simulated(planned, capsys, seed=99)


def test_a_csv_has_each_quarter_hour_and_level(planned, tmp_path, capsys):
    output = tmp_path / "r.csv"
    simulated(planned, capsys, output=output)
    with output.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["Quart d’heure"] for row in rows if row["Niveau"] == "N1"][:3] == ["00:00", "00:15", "00:30"]
    assert rows[0]["QS30 des présentés moins raccrochés < 15 s"].replace(",", ".").count(".") == 1


def test_a_workbook_has_every_table_with_its_headings(planned, tmp_path, capsys):
    output = tmp_path / "r.xlsx"
    simulated(planned, capsys, output=output)
    book = openpyxl.load_workbook(output, read_only=True)
    assert book.sheetnames == ["Niveaux", "Classes", "Groupes", "Quarts d’heure", "Occupation"]
    headings, first, *_ = book["Niveaux"].iter_rows(values_only=True)
    assert headings[:2] == ("Niveau", "Appels présentés")
    assert first[0] == "N1"
    book.close()


def test_json_holds_everything_without_nan(planned, tmp_path, capsys):
    output = tmp_path / "r.json"
    simulated(planned, capsys, output=output)
    tables = json.loads(output.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert {row["level"] for row in tables["Niveaux"]} == {"N1", "N2_AMU", "N2_SNP", "N3_AMU", "N3_SNP", "N4"}
    assert tables["Groupes"][0]["group"] == "ARM de front"


def test_two_organisations_are_compared_on_the_same_callers(tmp_path, capsys):
    scenario = one_queue(agents=4, per_hour=200, talk=Exponential(60), patience=Exponential(120), slots=8)
    before, after, output = tmp_path / "a.toml", tmp_path / "b.toml", tmp_path / "c.csv"
    before.write_text(scenario_to_toml(scenario), encoding="utf-8")
    after.write_text(scenario_to_toml(more_agents(scenario, 2, level=Level.N1)), encoding="utf-8")
    told = simulated(before, capsys, against=after, output=output, replications=5)
    assert "mêmes appelants" in told
    with output.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["Mesure"]: row for row in csv.DictReader(file, delimiter=";")}
    assert float(rows["QS30"]["Écart"].replace(",", ".")) > 0
    assert rows["QS30"]["Écart établi (95 %)"] == "oui"


def test_the_supervisor_reads_what_each_change_would_do(tmp_path, capsys):
    path, output = tmp_path / "a.toml", tmp_path / "r.json"
    scenario = one_queue(agents=4, per_hour=220, talk=Exponential(60), patience=Exponential(120), slots=6)
    path.write_text(scenario_to_toml(scenario), encoding="utf-8")
    told = simulated(path, capsys, what_if=True, output=output, replications=6)
    assert "un agent N1 de plus" in told
    assert "20 % d’appels en moins" in told
    (rows,) = json.loads(output.read_text(encoding="utf-8")).values()
    found = {row["change"]: row["difference"] for row in rows}
    assert found["un agent N1 de plus"] > 0 > found["20 % d’appels en plus"]


def test_one_level_or_two_is_told_hour_by_hour(tmp_path, capsys):
    path = tmp_path / "deux.toml"
    path.write_text(scenario_to_toml(replace(whole_sas(slots=12), starts_at=23 * 60)), encoding="utf-8")
    told = simulated(path, capsys, one_level=True, replications=3)
    assert "« SAS entier, à un niveau » puis « SAS entier »" in told
    hours = told.split("heure par heure")[1].splitlines()[1:4]
    assert [line.split("  ")[1] for line in hours] == ["J1 23:00", "J2 00:00", "J2 01:00"]
    assert all("niveau" in line or "non établi" in line for line in hours)


def test_a_crisis_says_when_the_room_is_calm_again(planned, capsys):
    told = simulated(planned, capsys, crisis="00:30")
    assert "Retour à la file d’un jour normal" in told
    assert "N3_SNP" in told.split("Retour")[1]


def test_what_cannot_be_done_is_said_in_one_line(planned, tmp_path, capsys):
    wrong = tmp_path / "faux.toml"
    single = one_queue(agents=2, per_hour=10, talk=Exponential(60), slots=4)
    (tmp_path / "une.toml").write_text(scenario_to_toml(single), encoding="utf-8")
    wrong.write_text(planned.read_text().replace("share = 0.05", "share = 5"))
    for path, options, said in [
        (tmp_path / "absent.toml", {}, "absent.toml ne se lit pas"),
        (wrong, {}, r"faux.toml : classes.V, part de la classe : 5 n’est pas accepté ; il faut de 0 à 1"),
        (planned, {"output": tmp_path / "r.pdf"}, r"le résultat s’écrit en .csv, .xlsx, .json"),
        (planned, {"output": tmp_path / "absent" / "r.csv"}, "ne s’écrit pas"),
        (planned, {"crisis": "25:00"}, "une heure de 00:00 à 24:00"),
        (planned, {"crisis": "23:00"}, "elle n’est pas dans le scénario"),
        (tmp_path / "une.toml", {"one_level": True}, "n’a qu’un niveau"),
        (planned, {"crisis": "00:30", "what_if": True}, "Une seule question à la fois"),
        (planned, {"replications": 0}, "réplications : 0 n’est pas accepté"),
        (planned, {"against": planned, "replications": 1}, "il en faut au moins 2 pour comparer"),
    ]:
        with pytest.raises(CommandError, match=said):
            simulated(path, capsys, **options)


def test_the_example_of_the_documentation_is_a_scenario():
    scenario = scenario_from_toml(EXAMPLE.read_text(encoding="utf-8"))
    assert sum(scenario.centres[0].arrivals.per_slot) == 895


def test_the_telephone_goes_down_for_twenty_minutes(planned, capsys):
    told = simulated(planned, capsys, down="00:30")
    assert "never_answered" in told or "jamais répondus" in told
    assert "Retour à la file d’un jour normal" in told
    lost = next(line for line in told.splitlines() if line.startswith("N1") and "répondu" in line)
    before, after = lost.split()[-4:-2] if "non établi" not in lost else lost.split()[-6:-4]
    assert float(after.replace(",", ".")) > float(before.replace(",", "."))


def test_three_agents_of_a_group_are_absent(planned, capsys):
    assert "mêmes appelants" in simulated(planned, capsys, absent="MRU")
    with pytest.raises(CommandError, match="« Inconnus » n’existe pas"):
        call_command("simulate", str(planned), absent="Inconnus")


@pytest.mark.parametrize("question", [{}, {"what_if": True}, {"crisis": "00:30"}])
def test_a_cluster_tells_what_one_process_tells(planned, capsys, question):
    alone = simulated(planned, capsys, **question)
    with LocalCluster(
        n_workers=1, processes=False, host="127.0.0.1", protocol="tcp", dashboard_address=None
    ) as cluster:
        assert simulated(planned, capsys, cluster=cluster.scheduler_address, **question) == alone


def test_a_cluster_that_is_not_there_is_told(planned, monkeypatch):
    monkeypatch.setattr("quinze.science.callcentre.ensembles.REACHED_S", 1)
    with pytest.raises(CommandError, match=r"127\.0\.0\.1:9 muette depuis 1 s"):
        call_command("simulate", str(planned), cluster="tcp://127.0.0.1:9")


def test_without_dask_a_cluster_is_refused_with_what_to_install(planned, monkeypatch):
    monkeypatch.setattr("quinze.science.callcentre.ensembles.dask_is_installed", lambda: False)
    with pytest.raises(CommandError, match=r"quinze\[cluster\]"):
        call_command("simulate", str(planned), cluster="tcp://127.0.0.1:8786")


def test_processes_or_a_cluster_not_both(planned):
    with pytest.raises(CommandError, match="l’un des deux"):
        call_command("simulate", str(planned), cluster="tcp://127.0.0.1:8786", workers=2)
    with pytest.raises(CommandError, match="0 n’est pas accepté"):
        call_command("simulate", str(planned), workers=0)
