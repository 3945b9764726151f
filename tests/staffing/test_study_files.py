"""quinze capacity and quinze pool: from files to files, and the two studies kept in docs/studies."""

import json
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from quinze.base.errors import Refusal
from quinze.staffing.study_files import capacity_of, pooling_of

STUDIES = Path(__file__).parents[2] / "docs" / "studies"
SAS_86, LOIRE = STUDIES / "sas-86.toml", STUDIES / "pays-de-la-loire.toml"


def test_the_study_of_pays_de_la_loire_gains_what_was_published() -> None:
    """P8: +17 to +21 points of QS30 with the same people (npj Digital Medicine 7:385, 2024)."""
    report = pooling_of(LOIRE.read_bytes())
    assert "de 79,2\u00a0% à 99,5\u00a0% : +20,3 points" in report.answer[0]
    assert "20 postes suffisent ensemble : 5 de moins" in report.answer[1]


def test_the_study_of_sas_86_answers_in_posts_people_and_hours() -> None:
    report = capacity_of(SAS_86.read_bytes())
    assert report.title == "Étude de capacité du SAS de la Vienne (86)"
    assert report.answer[0].startswith("Il faut 56,1 équivalents temps plein (de ")
    assert any("Le bi-niveau décroche mieux de" in sentence for sentence in report.answer)
    assert any(section.heading.startswith("Montée en charge") for section in report.sections)


def test_committed_pdf_reports_stand_beside_their_studies() -> None:
    for study in (SAS_86, LOIRE):
        assert study.with_suffix(".pdf").read_bytes().startswith(b"%PDF")


def test_one_command_writes_every_kind_of_file(tmp_path: Path) -> None:
    paths = [tmp_path / f"etude.{ending}" for ending in ("pdf", "xlsx", "json", "txt", "svg")]
    out = StringIO()
    call_command("pool", LOIRE, output=paths, stdout=out)
    pdf, sheets, data, text, drawing = (path.read_bytes() for path in paths)
    assert pdf.startswith(b"%PDF")
    assert drawing.startswith(b"<svg")
    assert openpyxl.load_workbook(paths[1]).worksheets[1]["B3"].value == pytest.approx(665129 / 8760 * 1.6)
    assert json.loads(data)["tableaux"][0]["lignes"][0][0] == "44 Nantes"
    assert "À effectif égal (25 postes)" in text.decode()
    assert out.getvalue().count("Écrit :") == 5
    assert sheets


def test_the_same_study_gives_the_same_figures_twice(tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    for path in (first, second):
        call_command("capacity", SAS_86, output=[path], stdout=StringIO())
    assert first.read_bytes() == second.read_bytes()


def test_without_output_the_study_is_read_on_the_screen() -> None:
    out = StringIO()
    call_command("capacity", SAS_86, stdout=out)
    assert "Postes heure par heure" in out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "TOML"),
        (b"appels_par_an = ", "TOML"),
        (b"appel_par_an = 3", "Nom inconnu : appel_par_an"),
        (b"appels_par_an = -3", "Appels par heure"),
        (b"appels_par_an = true", "n’est pas un nombre"),
        (b"appels_par_an = nan", "nan"),
        (b"duree_n1 = 0", "Durée moyenne de traitement, en secondes : « 0 »"),
        (b"journee = [1, 2]", "2 nombres"),
        (b"niveaux = 'trois'", "« un » ou « deux »"),
        (b"[a]\nabsence = 3\n[b]\nabsence = 4", "deux fois"),
        (b"etudes = ['tout']", "une liste parmi"),
        (b"etudes = ['montee-en-charge']", "[[etapes]]"),
        (b"etudes = ['montee-en-charge']\n[[etapes]]\nquand = 3", "Nom inconnu d’une étape"),
        (b"etudes = ['montee-en-charge']\n[[etapes]]\nde = 20\na = 8", "un début avant la fin"),
        (b"lieu = 3", "« lieu »"),
        (b"personnes = -1", "nombres entiers"),
        (b"x" * 300_000, "dépasse"),
    ],
)
def test_a_bad_study_is_refused_with_what_is_accepted(content: bytes, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        capacity_of(content)
    assert said in refused.value.message


CENTRE = b"[[centres]]\nnom = 'A'\nappels_par_heure = 60\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "au moins deux"),
        (CENTRE, "au moins deux"),
        (CENTRE + CENTRE + b"appels_par_an = 3\n", "appels_par_an ou appels_par_heure"),
        (CENTRE + CENTRE + b"postes = 2.5\n", "un nombre entier"),
        (CENTRE + CENTRE + b"postes = 1000000\n", "de 0 à 10 000"),
        (CENTRE + CENTRE + b"agents = 3\n", "Nom inconnu d’un centre"),
        (b"duree = 0\n" + CENTRE + CENTRE, "Durée moyenne"),
        (b"qs_part = 100\n" + CENTRE + CENTRE, "Part des appels à servir"),
        (b"poste = 3\n" + CENTRE + CENTRE, "Nom inconnu du fichier"),
        (b"centres = 3", "[[centres]]"),
    ],
)
def test_a_bad_pool_is_refused_with_what_is_accepted(content: bytes, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        pooling_of(content)
    assert said in refused.value.message


def test_commands_say_why_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="ne se lit pas"):
        call_command("capacity", tmp_path / "absent.toml")
    with pytest.raises(CommandError, match=r"terminez par \.pdf"):
        call_command("pool", LOIRE, output=[tmp_path / "x.docx"])
    with pytest.raises(CommandError, match="ne s’écrit pas"):
        call_command("pool", LOIRE, output=[tmp_path / "absent" / "x.txt"])
