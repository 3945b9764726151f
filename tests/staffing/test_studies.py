"""The pages of the studies, their drawings and their files."""

import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime

import openpyxl
import pytest
from django.template.loader import render_to_string
from django.test import Client

from quinze.accounts.roles import Role
from quinze.directory.models import Neighbour
from quinze.staffing.operations import load_sae
from quinze.staffing.reports.report import Report, Section
from quinze.staffing.views.studies import Built
from tests.factories.accounts import login, make_actor, make_sas
from tests.staffing.sae import POITIERS, file_of, france

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
ALL = ("capacite", "et-si", "niveaux", "montee-en-charge", "mutualisation", "samu")


@pytest.fixture
def reader(client: Client) -> Client:
    load_sae(file_of(*france(4)), at=AT)
    sas = make_sas("86")
    Neighbour.objects.create(sas=sas, neighbour=make_sas("41"))
    login(client, make_actor(Role.SUPERVISOR, sas))
    return client


def text(client: Client, study: str, **query: object) -> str:
    answer = client.get(f"/effectifs/etudes/{study}/", query)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize("study", ALL)
def test_each_study_answers_at_once_with_what_is_known_of_the_sas(reader: Client, study: str) -> None:
    page = text(reader, study)
    assert "st-answer" in page
    assert "Ce que ces chiffres ne disent pas" in page


def test_the_capacity_study_starts_from_the_calls_that_the_samu_declares(reader: Client) -> None:
    page = text(reader, "capacite")
    assert "180\u202f000 appels par an" in page
    assert "équivalents temps plein" in page
    assert "Erlang C" in page
    assert "optimistes" in page


def test_its_figures_follow_the_hypotheses(reader: Client) -> None:
    small, large = (text(reader, "capacite", appels_par_an=calls) for calls in (60_000, 900_000))
    assert small.split("Il faut ")[1][:20] != large.split("Il faut ")[1][:20]
    assert "un seul niveau" in text(reader, "capacite", appels_par_an=100_000, niveaux="un")


def test_one_person_more_is_told_at_the_hour_where_it_helps_most(reader: Client) -> None:
    held = "2 2 1 1 1 1 1 2 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2"
    page = text(reader, "capacite", appels_par_an=300_000, niveaux="un", postes_tenus=held)
    assert "Avec les postes tenus aujourd’hui, une personne de plus à" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"appels_par_an": "-5"}, "Appels par heure : « -"),
        ({"duree_n1": "0", "appels_par_an": "1000"}, "Durée moyenne de traitement, en secondes : « 0 »"),
        ({"appels_par_an": "beaucoup"}, "Écrivez un nombre."),
        ({"appels_par_an": "nan"}, "Écrivez un nombre."),
        ({"part_amu": "90", "part_snp": "30"}, "Somme des parts vitale, AMU et SNP"),
        ({"journee": "1 2 3"}, "3 nombres ; il en faut 24"),
        ({"postes_tenus": "2,5"}, "nombres entiers"),
        ({"postes_tenus": "1000000"}, "de 0 à 10"),
        ({"appels_par_an": "99999999999"}, "n’est pas accepté"),
        ({"niveaux": "trois"}, "trois"),
        ({"heures_jour": "3"}, "Heures annuelles"),
    ],
)
def test_a_figure_that_no_service_has_is_refused_in_words(reader: Client, query: dict[str, str], said: str) -> None:
    page = text(reader, "capacite", **query)
    assert said in page.replace("&#x27;", "'")
    assert "st-answer" not in page


def test_what_one_person_would_change_now_is_told_line_by_line(reader: Client) -> None:
    asked = {"appels_par_an": 400_000, "heure": 11, "tenus_n1": 2, "tenus_n2_snp": 2, "tenus_n3_amu": 4}
    page = text(reader, "et-si", **asked)
    assert "Et si, à 11\u00a0h" in page
    assert "Une personne de plus sert le mieux en" in page
    assert "Sous l’objectif maintenant : " in page
    assert "4 fois plus d’appels pendant 20 min" in page
    assert text(reader, "et-si", **asked | {"appels_maintenant": 50}) != page
    assert "Ensure" not in text(reader, "et-si", appels_par_an=400_000, heure=25)


def test_the_day_is_played_again_with_its_interval(reader: Client) -> None:
    page = text(reader, "et-si", appels_par_an=250_000, heure=11, tenus_n1=1)
    played = page.split("rejouée avec les mêmes appelants")[-1].split("</table>")[0]
    assert played.count("<tr>") == 1 + 1 + 2 + 2 * 5
    more = played.split("un agent N1 de plus")[1].split("</tr>")[0]
    assert re.search(r">\+\d+,\d ± \d+,\d<", more), "one more at the first answer is seen, with its interval"
    assert "<td>=</td>" in played
    assert "≈" in played
    single = text(reader, "et-si", appels_par_an=250_000, heure=11, niveaux="un")
    assert single.split("rejouée avec les mêmes appelants")[-1].split("</table>")[0].count("<tr>") == 1 + 1 + 2 + 2 * 3


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"appels_par_an": 40_000_000}, "utilisez « quinze simulate --what-if »"),
        ({"appels_par_an": 100_000, "appels_maintenant": 0}, "Personne n’appelle"),
        ({"appels_par_an": 100_000, "duree_n1": "0,5"}, "Cette journée ne se rejoue pas"),
    ],
)
def test_a_day_that_cannot_be_played_is_told_in_words(reader: Client, query: dict[str, object], said: str) -> None:
    page = text(reader, "et-si", heure=11, **query)
    assert said in page
    assert "Une personne, un cinquième des appels".lower() in page


def test_one_level_or_two_is_told_by_the_hour_with_the_waits_behind(reader: Client) -> None:
    page = text(reader, "niveaux", appels_par_an=900_000)
    assert "attente au N2" in page
    assert "Verdict" in page
    assert "Le bi-niveau décroche mieux" in page or "À aucune heure le bi-niveau ne décroche mieux" in page


def test_a_ramp_up_is_read_line_by_line(reader: Client) -> None:
    page = text(reader, "montee-en-charge", appels_par_an=200000, etapes="Nord : 25 %, 8 à 20\nTout : 100 %, 0 à 24")
    assert "Nord : " in page
    assert "Tout : " in page
    assert "à recruter" in page
    assert "écrivez « nom : 30 %, 8 à 20 »" in text(
        reader, "montee-en-charge", appels_par_an=200000, etapes="n’importe quoi"
    )
    assert "un début avant la fin" in text(reader, "montee-en-charge", appels_par_an=200000, etapes="A : 10 %, 20 à 8")


def test_pooling_starts_with_the_neighbours_of_the_territory(reader: Client) -> None:
    page = text(reader, "mutualisation")
    assert "À effectif égal" in page
    assert page.count(" checked") == 2
    alone = text(
        reader, "mutualisation", centres="860000017", pointe=1.6, duree=150, qs_part=70, qs_delai=30, occupation=85
    )
    assert "Choisissez deux centres au moins" in alone


def test_a_samu_stands_among_all_and_another_may_be_chosen(reader: Client) -> None:
    assert "CHU DE POITIERS, parmi 4 SAMU" in text(reader, "samu")
    assert "CH N° 2, À L&#x27;ÉCART, parmi 4 SAMU" in text(reader, "samu", finess="420000017")


def test_a_doubtful_samu_is_told_so_and_ranks_nowhere(client: Client) -> None:
    load_sae(file_of(*france(3)[1:], POITIERS | {"APMIN": 900_000}), at=AT)
    login(client, make_actor(Role.REFERENT, make_sas("86")))
    page = text(client, "samu")
    assert "À vérifier dans la déclaration de 2023" in page
    assert "plus d’appels décrochés en moins d’une minute que décrochés" in page


def test_without_a_national_file_pages_say_how_to_load_one(client: Client) -> None:
    login(client, make_actor(Role.INDICATOR_READER, make_sas("86")))
    for study in ("mutualisation", "samu"):
        assert "quinze load-sae" in text(client, study)
    assert "200\u202f000 appels par an" in text(client, "capacite")
    assert client.get("/effectifs/etudes/samu/export/pdf/").status_code == 404


def test_drawings_are_svg_and_only_where_there_is_one(reader: Client) -> None:
    drawn = reader.get("/effectifs/etudes/capacite/dessins/1/", {"appels_par_an": 100_000})
    assert (drawn.status_code, drawn["Content-Type"]) == (200, "image/svg+xml")
    assert b"<svg" in drawn.content
    for url in ("capacite/dessins/0/", "capacite/dessins/99/", "inconnue/dessins/0/"):
        assert reader.get(f"/effectifs/etudes/{url}").status_code == 404


def test_a_study_leaves_as_pdf_spreadsheet_and_drawing(reader: Client) -> None:
    starts = {"pdf": b"%PDF", "xlsx": b"PK", "png": b"\x89PNG"}
    for kind, start in starts.items():
        answer = reader.get(f"/effectifs/etudes/mutualisation/export/{kind}/")
        assert answer.content.startswith(start), kind
        assert answer["Content-Disposition"] == f'attachment; filename="mutualisation.{kind}"'
    for absent in ("mutualisation/export/docx/", "et-si/export/png/"):
        assert reader.get(f"/effectifs/etudes/{absent}").status_code == 404
    assert "export/png" not in text(reader, "et-si")


def test_the_spreadsheet_keeps_figures_as_figures(reader: Client) -> None:
    content = reader.get("/effectifs/etudes/capacite/export/xlsx/", {"appels_par_an": 100_000}).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    people = book.worksheets[1]
    assert [cell.value for cell in people[2]][:2] == ["Ligne", "Part des appels"]
    assert isinstance(people["G3"].value, float)


@pytest.mark.parametrize(("centres", "expected"), [(1, 2), (3, 2)])
def test_the_number_of_questions_is_that_of_one_centre(client: Client, centres: int, expected: int) -> None:
    load_sae(file_of(*france(centres)), at=AT)
    login(client, make_actor(Role.SUPERVISOR, make_sas("86")))
    client.get("/effectifs/etudes/samu/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        client.get("/effectifs/etudes/samu/")
    assert len([one for one in asked.captured_queries if "staffing_nationalsamu" in one["sql"]]) == expected


def test_no_page_loads_what_only_a_computation_or_a_drawing_needs() -> None:
    """Memory and start of the page processes."""
    code = (
        "import django, sys; django.setup()\n"
        "from django.urls import get_resolver\n"
        "get_resolver().url_patterns\n"
        "heavy = {'numba', 'scipy', 'altair', 'polars', 'vl_convert', 'xlsxwriter', 'ortools', 'dask'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=_environment()
    )
    assert loaded.stdout.strip() == "[]"


def test_a_page_draws_nothing_itself() -> None:
    """Tables come first; each drawing has its own address."""

    def drawn() -> dict[str, object]:
        raise AssertionError("drawn by the page")

    report = Report("x", "Titre", "Sous-titre", ("Réponse",), (Section("Dessin", drawing=drawn, drawing_label="D"),))
    page = render_to_string("staffing/study.html", {"built": Built(report), "study": "capacite", "at": AT})
    assert "/effectifs/etudes/capacite/dessins/0/" in page
    assert "export/png" in page


def _environment() -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "quinze.config.settings", "QUINZE_MODE": "test"}
