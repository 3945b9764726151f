"""quinze load-sae, from the file to the table."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from quinze.base.errors import Refusal
from quinze.staffing.models import NationalSamu
from quinze.staffing.operations import load_sae
from quinze.staffing.queries.national import departements, latest_year
from tests.factories.accounts import make_sas
from tests.staffing.sae import POITIERS, file_of, france

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_a_year_is_loaded_whole_and_loaded_again_in_its_place() -> None:
    first = load_sae(file_of(*france(4)), at=AT)
    assert (first.year, len(first.samus), first.replaced, first.doubtful) == (2023, 4, 0, 0)
    load_sae(file_of(POITIERS, year=2022), at=AT)
    again = load_sae(file_of(POITIERS | {"APP": 190_000}), at=AT)
    assert again.replaced == 4
    kept = NationalSamu.objects.order_by("year").values_list("year", "departement", "presented")
    assert list(kept) == [(2022, "86", 180_000), (2023, "86", 190_000)]


def test_a_bad_line_loads_nothing_and_keeps_what_was_there() -> None:
    load_sae(file_of(POITIERS), at=AT)
    with pytest.raises(Refusal, match="ligne 3, APD « beaucoup »"):
        load_sae(file_of(POITIERS, POITIERS | {"FI": "870000015", "APD": "beaucoup"}), at=AT)
    assert NationalSamu.objects.count() == 1


def test_a_workload_is_kept_with_each_samu_that_has_one() -> None:
    load_sae(file_of(POITIERS, POITIERS | {"FI": "870000015", "APMIN": ""}), at=AT)
    year = latest_year()
    assert year is not None
    known = {one.samu.departement: one for one in year.all}
    assert 20 < (known["86"].handling_s or 0) < 1500
    assert (known["87"].handling_s, known["87"].doubts) == (None, ("Décrochés en moins d’une minute : non déclaré",))


def test_the_command_prints_the_national_table(tmp_path: Path) -> None:
    path = tmp_path / "SMURSAMU_2023r.csv"
    path.write_bytes(file_of(*france(3), POITIERS | {"FI": "810000505", "APR15": 140_000}))
    out = StringIO()
    call_command("load_sae", path, stdout=out)
    said = out.getvalue()
    assert "SAE 2023 : 4 SAMU chargés" in said
    assert "Appels présentés" in said
    assert "78 % des appels raccrochés en moins de 15 s" in said


def test_the_command_says_why_it_loads_nothing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="ne se lit pas"):
        call_command("load_sae", tmp_path / "absent.csv")
    (tmp_path / "x.csv").write_text("rien")
    with pytest.raises(CommandError, match="colonnes absentes"):
        call_command("load_sae", tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("code", "found"),
    [("86", {"86"}), ("21-58", {"21", "58"}), ("64A", {"64"}), ("2A", {"2A"}), ("974", {"974"}), ("DEMO", set())],
)
def test_the_departements_of_a_sas_are_in_its_code(code: str, found: set[str]) -> None:
    assert departements(make_sas(code)) == found
