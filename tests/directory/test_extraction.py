import csv
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.directory import operations
from quinze.directory.extraction import first_load, merge
from quinze.directory.models import DirectoryChange, Membership, Place, Professional, Structure
from tests.factories import directory as make
from tests.factories import extraction
from tests.factories.accounts import make_actor

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def vienne():
    return make.commune("Poitiers", insee="86194", postal_codes=["86000"], lat=46.58, lon=0.34)


@pytest.fixture
def load(tmp_path, vienne):
    def run(*body, at=AT, **options):
        path = extraction.write(tmp_path / "PS_LibreAcces_Personne_activite_202611.txt", body)
        refused = tmp_path / "refused.csv"
        report = operations.import_directory(
            path, refused_to=refused, by=None, at=at, **{"departements": ["86"]} | options
        )
        return report, list(csv.reader(refused.read_text(encoding="utf-8").splitlines()))[1:]

    return run


def why(run, *body, **options):
    with pytest.raises(Refusal) as refusal:
        run(*body, **options)
    assert Professional.objects.count() == Place.objects.count() == 0
    return refusal.value.code


def test_a_line_becomes_a_person_and_a_place(load):
    report, refused = load(extraction.line())
    assert (report.lines, report.loaded, report.people, report.places, refused) == (1, 1, 1, 1, [])
    person, place = Professional.objects.get(), Place.objects.get()
    assert (str(person), person.gender, person.profession, person.specialty) == ("Dr Rose Aubepine", "F", "10", "SM54")
    assert (person.rpps, person.search_name, person.source) == (make.rpps(1), "aubepine rose", "annuaire")
    assert (place.professional, place.address, place.commune_id) == (person, "1 Rue Des Essences", "86194")
    assert (place.phones, place.zone, place.lat) == (["+33536490001"], "Europe/Paris", 46.58)


def indexes_and_keys():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = ANY(%(tables)s::regclass[])"
            " UNION SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = ANY(%(tables)s::regclass[])",
            {"tables": first_load.TABLES},
        )
        return {row[0] for row in cursor.fetchall()}


def test_a_first_load_leaves_every_index_and_key_as_it_was(load):
    before = indexes_and_keys()
    assert len(before) > 15
    load(extraction.line())
    assert indexes_and_keys() == before


def test_no_statement_looks_the_file_up_row_by_row(load):
    """A NOT IN past the memory of a sort, or a nested loop, takes hours on the national file."""
    plans = []

    def explain(execute, sql, params, many, context):
        if f"FROM {merge.TABLE}" in sql and sql.lstrip().startswith(("INSERT", "UPDATE", "SELECT")):
            with connection.connection.cursor() as cursor:
                plans.append("\n".join(row[0] for row in cursor.execute(f"EXPLAIN {sql}", params)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        load(*extraction.lines(50, [("86194", "86000")]))
    assert len(plans) == 8
    assert not [plan for plan in plans if "SubPlan" in plan or "Nested Loop" in plan]


def test_a_backslash_is_a_character_like_another(load):
    load(extraction.line(Libellé_Voie="A\\\\B\\n", Nom="\\N"))
    assert Place.objects.get().address == "1 Rue A\\\\B\\n"
    assert Professional.objects.get().family_name == "\\N"


def test_the_second_run_changes_nothing(load):
    body = list(extraction.lines(200, [("86194", "86000")]))
    first, _ = load(*body)
    assert (first.people, first.places) == (160, 200)
    again, _ = load(*body, at=AT + DAY)
    assert (again.loaded, again.changed) == (200, 0)
    assert set(Professional.objects.values_list("source_updated_at", flat=True)) == {AT}
    assert DirectoryChange.objects.count() == 1


def test_what_changed_is_changed_and_only_that(load):
    load(extraction.line(), extraction.line(Identification=f"8{make.rpps(2)}", Nom="HOUX"))
    report, _ = load(
        extraction.line(Téléphone="0536490002"),
        extraction.line(Identification=f"8{make.rpps(2)}", Nom="HOUX"),
        at=AT + DAY,
    )
    assert (report.people, report.places) == (0, 1)
    assert Place.objects.get(professional__rpps=make.rpps(1)).phones == ["+33536490002"]


def test_other_departements_are_left_out(load):
    make.commune("Limoges", insee="87085", departement="87", postal_codes=["87000"])
    report, refused = load(extraction.line(), extraction.line(Code_commune="87085", Code_postal="87000"))
    assert (report.lines, report.loaded, report.outside, refused) == (2, 1, 1, [])


def test_a_sas_limits_to_its_communes(load, vienne):
    make.commune("Loudun", insee="86137", postal_codes=["86200"])
    sas = make.sas(communes=(vienne,))
    report, _ = load(
        extraction.line(), extraction.line(Code_commune="86137", Code_postal="86200"), departements=[], sas=sas
    )
    assert (report.loaded, report.outside) == (1, 1)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Identification": "810000000001"}, "clé du RPPS fausse"),
        ({"Identification": ""}, "identifiant national mal formé"),
        ({"Identification": "0ABCDEFGHI"}, "ADELI mal formé"),
        ({"Nom": "  "}, "nom absent"),
        ({"Nom": "A" * 81}, "nom trop long"),
        ({"Code_profession": "médecin"}, "profession inconnue"),
        ({"Code_commune": "", "Code_postal": "86000", "Nom": "A\x00B"}, "caractères de contrôle"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number_and_the_others_are_loaded(load, cells, reason):
    good = extraction.line(Identification=f"8{make.rpps(7)}")
    report, refused = load(extraction.line(**cells), good)
    assert report.loaded == 1
    assert [row[:2] for row in refused] == [["2", reason]]
    assert dict(report.refused) == {reason: 1}


def test_a_short_line_and_an_empty_one(load):
    report, refused = load("8|truncated", "", extraction.line())
    assert (report.lines, report.loaded) == (2, 1)
    assert refused == [["2", "colonnes manquantes", "8|truncated"]]


def test_without_commune_code_the_postal_code_and_the_name_place_it(load):
    make.commune("Buxerolles", insee="86041", postal_codes=["86000"])
    line = extraction.line(Code_commune="", Libellé_commune="POITIERS CEDEX 9")
    assert load(line)[0].loaded == 1
    assert Place.objects.get().commune_id == "86194"
    _, refused = load(line, extraction.line(Code_commune="", Libellé_commune="AILLEURS"))
    assert [row[1] for row in refused] == ["commune inconnue"]


def test_two_activities_of_one_person(load):
    second = extraction.line(Identifiant_technique="R2", Code_type_savoir="C", Code_savoir="C01")
    report, _ = load(second, extraction.line(), second)
    assert (report.people, report.places) == (1, 2)
    assert Professional.objects.get().specialty == "SM54"


def test_an_extraction_without_specialties_erases_none(load):
    load(extraction.line())
    assert load(extraction.line(Code_type_savoir="", Code_savoir=""))[0].changed == 0
    assert Professional.objects.get().specialty == "SM54"
    assert load(extraction.line(Code_savoir="SM53"))[0].people == 1


def test_health_houses_become_structures_with_members(load):
    load(extraction.line(Raison="MAISON DE SANTE DES TILLEULS", Numéro_FINESS_site="860000009"))
    structure = Structure.objects.get()
    assert (structure.kind, structure.finess, structure.name) == ("MSP", "860000009", "Maison De Sante Des Tilleuls")
    assert Membership.objects.get().structure == structure == Place.objects.get().structure
    assert load(extraction.line(Raison="MAISON DE SANTE DES TILLEULS", Numéro_FINESS_site="860000009"))[0].changed == 0


def test_what_people_corrected_here_is_kept(load, vienne):
    load(extraction.line())
    by = make_actor(Role.ADMINISTRATOR, make.sas(), at=AT)
    place = Place.objects.get()
    operations.change_place(
        place, operations.Address(vienne, "2 place du Marché", phones=("0536490009",)), by=by, at=AT
    )
    assert load(extraction.line(), at=AT + DAY)[0].changed == 0
    place.refresh_from_db()
    assert (place.address, place.phones) == ("2 place du Marché", ["+33536490009"])


def test_who_left_is_closed_and_who_comes_back_opens(load):
    stays, leaves = extraction.line(), extraction.line(Identification=f"8{make.rpps(2)}")
    load(stays, leaves)
    assert load(stays)[0].closed == 1
    assert Place.objects.get(professional__rpps=make.rpps(2)).is_active is False
    assert load(stays, leaves)[0].places == 1
    assert Place.objects.filter(is_active=True).count() == 2


def test_a_truncated_file_closes_nothing(load):
    body = list(extraction.lines(300, [("86194", "86000")]))
    load(*body)
    with pytest.raises(Refusal) as refusal:
        load(*body[:200])
    assert refusal.value.code == "departures"
    assert Place.objects.filter(is_active=True).count() == 300
    assert load(*body[:200], accept_departures=True)[0].closed == 100


def test_an_error_in_the_middle_leaves_nothing(load, monkeypatch, vienne):
    """The disk or the server fails after people are merged: not one row stays."""
    make.place(make.professional("Houx", "Jean", rpps=make.rpps(99)), vienne, activity_id="x" * 40)
    before = (Professional.objects.count(), Place.objects.count())
    with pytest.raises(ZeroDivisionError):
        load(extraction.line(), advance=lambda count: 1 / (count - 1))
    assert (Professional.objects.count(), Place.objects.count()) == before


def test_windows_text_is_read_too(tmp_path, vienne):
    path = extraction.write(tmp_path / "f.txt", [extraction.line(Nom="CHÊNE")], encoding="cp1252")
    operations.import_directory(path, departements=["86"], by=None, at=AT)
    assert Professional.objects.get().family_name == "Chêne"


def test_line_ends_of_windows_and_a_byte_order_mark(tmp_path, vienne):
    path = tmp_path / "f.txt"
    path.write_bytes(("\ufeff" + extraction.HEADER + "\r\n" + extraction.line() + "\r\n").encode())
    assert operations.import_directory(path, departements=["86"], by=None, at=AT).loaded == 1


def test_zip(tmp_path, vienne):
    text = extraction.write(tmp_path / "PS_LibreAcces_Personne_activite_202611.txt", [extraction.line()])
    archive = tmp_path / "PS_LibreAcces.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.write(text, text.name)
        zipped.writestr("PS_LibreAcces_Dipl_AutExerc_202611.txt", "x|y\n")
    assert operations.import_directory(archive, departements=["86"], by=None, at=AT).loaded == 1


def test_other_files_are_refused_whole(tmp_path, vienne):
    def run(content):
        path = tmp_path / "f"
        path.write_bytes(content)
        return operations.import_directory(path, departements=["86"], by=None, at=AT)

    assert why(run, b"") == "empty"
    assert why(run, b"\x00\xff" * 600_000) == "not_text"
    assert why(run, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20) == "not_the_extraction"
    assert why(run, b"nom;prenom\nA;B\n") == "not_the_extraction"
    assert why(run, ("|".join(f"c{n}" for n in range(56)) + "\n").encode()) == "missing_columns"
    assert why(run, (extraction.HEADER + "\n").encode()) == "nothing"
    assert why(operations.import_directory, tmp_path / "absent", departements=["86"], by=None, at=AT) == "no_file"
    assert why(operations.import_directory, tmp_path, departements=["86"], by=None, at=AT) == "no_file"


def test_a_broken_or_foreign_zip(tmp_path, vienne):
    archive = tmp_path / "f.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("other.txt", "x")
    assert why(operations.import_directory, archive, departements=["86"], by=None, at=AT) == "zip_member"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("personne_activite.txt", extraction.HEADER + "\n" + extraction.line() * 50)
    content = bytearray(archive.read_bytes())
    content[200] ^= 0xFF
    archive.write_bytes(content)
    assert why(operations.import_directory, archive, departements=["86"], by=None, at=AT) == "broken"


def test_scope_is_asked_for(load):
    assert why(load, extraction.line(), departements=[]) == "departement"
    assert why(load, extraction.line(), departements=["99"]) == "departement"


def test_the_command_says_what_it_did(tmp_path, vienne, capsys, settings):
    settings.VAR = tmp_path
    path = extraction.write(tmp_path / "f.txt", [extraction.line(), extraction.line(Nom="")])
    call_command("import_directory", str(path), departement=["86"])
    out = capsys.readouterr().out
    assert "2 lignes lues" in out
    assert "refusées, nom absent : 1" in out
    assert (tmp_path / "import-directory-refused.csv").read_text().splitlines()[1].startswith("3,nom absent")
    with pytest.raises(CommandError, match="Aucun SAS"):
        call_command("import_directory", str(path), sas="99")
    with pytest.raises(CommandError, match="n’existe pas"):
        call_command("import_directory", str(tmp_path / "absent"), departement=["86"])
