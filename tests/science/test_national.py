"""The SAE file of the SAMU: the national table that is published, what looks wrong, what is refused."""

from pathlib import Path

import pytest

from quinze.science.calibration import Declared, Effective, declared_by, effective, expected
from quinze.science.national import Samu, Unreadable, anomalies, national, read
from tests.staffing.sae import POITIERS, file_of, france

SHARED = Path(__file__).parents[3] / "shared" / "data" / "sae"


def official(year: int) -> tuple[Samu, ...]:
    if not SHARED.exists():
        pytest.skip("the official files are not beside this checkout")
    return read((SHARED / f"SMURSAMU_{year}r.csv").read_bytes())


PUBLISHED = {
    2022: (
        100, 36_363_996, 2_916_291, 31_258_609, 20_953_920,
        0.859, 0.880, 0.934, 0.825, 0.784, 0.400, 5.45, 7.37, 4.36, 431,
    ),
    2023: (
        101, 36_598_371, 3_194_637, 31_333_685, 20_720_534,
        0.855, 0.875, 0.937, 0.851, 0.785, 0.421, 4.80, 6.75, 4.92, 492,
    ),
}  # fmt: skip
LABELS = (
    "SAMU", "Appels présentés", "Raccrochés en moins de 15 s", "Appels décrochés", "Dossiers de régulation (DR)",
    "Décrochés ÷ présentés, des deux", "Décrochés ÷ présentés, moyenne des SAMU",
    "Décrochés ÷ (présentés − raccrochés en moins de 15 s)", "Décrochés en moins d’une minute ÷ décrochés, des deux",
    "DRM ÷ DR", "DRM libérale ÷ DRM", "DR par heure d’ARM, des deux", "DRM par heure de régulateur, des sommes",
    "Postes d’ARM 24 h/24, moyenne par SAMU", "Postes d’ARM 24 h/24, total",
)  # fmt: skip
CALLS = {2022: (10.9, 22.9, 37.8, 53.4, 93.3, 134), 2023: (10.1, 22.7, 39.2, 56.0, 91.3, 135)}


@pytest.mark.reference
@pytest.mark.parametrize("year", [2022, 2023])
def test_the_national_table_is_that_of_the_published_files(year: int) -> None:
    """T12."""
    found = {figure.label: figure.value for figure in national(official(year))}
    for label, value in zip(LABELS, PUBLISHED[year], strict=True):
        decimals = len(f"{value}".partition(".")[2])
        assert found[label] == pytest.approx(value, abs=0.501 * 10**-decimals), label
    calls = [value for label, value in found.items() if label.startswith("Appels par heure")]
    assert calls == pytest.approx(CALLS[year], abs=0.501)


@pytest.mark.reference
def test_known_anomalies_of_both_years_are_flagged() -> None:
    """T13."""
    old, new = ({samu.departement: anomalies(samu) for samu in official(year)} for year in (2022, 2023))
    missing = [place for place, said in old.items() if any("moins d’une minute : non" in text for text in said)]
    assert len(missing) == 14
    assert "300 appels présentés dans l’année : impossible pour un département" in new["06"]
    assert "plus d’appels décrochés en moins d’une minute que décrochés" in new["83"]
    assert "80 % des appels raccrochés en moins de 15 s" in new["81"]
    assert new["44"] == new["35"] == new["86"] == ()


@pytest.mark.reference
def test_the_effective_workload_of_a_call_is_some_250_seconds() -> None:
    found = sorted(one.handling_s for one in map(effective, official(2023)) if one)
    assert len(found) > 70
    assert found[len(found) // 2] == pytest.approx(250, abs=5)


@pytest.mark.reference
def test_the_country_needs_some_411_posts() -> None:
    """T15, at a steady rate: 98 SAMU, 150 s, QS30 ≥ 90 %, occupation ≤ 85 %; the note's own day gives 410.8."""
    from quinze.science.queueing.staffing import Goal, posts

    rates = [rate for samu in official(2023) if (rate := samu.calls_per_hour)]
    needed = sum(posts(rate, handling_s=150, goal=Goal()) for rate in rates)
    assert len(rates) == 98
    assert needed == pytest.approx(410.8, abs=0.5)
    assert needed * 8760 == pytest.approx(3_598_900, rel=0.001)


def test_a_row_without_call_centre_is_left_and_an_empty_cell_is_unknown() -> None:
    rows = (POITIERS | {"APMIN": ""}, POITIERS | {"FI": "860000025", "SAMU": 0, "APP": "garbage"})
    [samu] = read(file_of(*rows))
    assert (samu.departement, samu.answered_in_a_minute, samu.qs60) == ("86", None, None)
    assert anomalies(samu) == ("Décrochés en moins d’une minute : non déclaré",)


@pytest.mark.parametrize(
    ("finess", "code"),
    [("2A0004842", "2A"), ("970100442", "971"), ("970400024", "974"), ("980500011", "976"), ("010000024", "01")],
)
def test_the_departement_is_in_the_finess(finess: str, code: str) -> None:
    assert read(file_of(POITIERS | {"FI": finess}))[0].departement == code


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "colonnes absentes"),
        (b"\x00\x01\x02" * 100, "fichier de texte"),
        (b"a;b\n1;2\n", "colonnes absentes"),
        (b"x" * 5_000_001, "5 Mo"),
        (file_of(), "Aucune ligne"),
        (file_of(POITIERS | {"APP": "-3"}), "ligne 2, APP « -3 »"),
        (file_of(POITIERS | {"APP": "1e9"}), "APP « 1e9 »"),
        (file_of(POITIERS | {"FI": "86"}), "FINESS « 86 »"),
        (file_of(POITIERS, POITIERS), "ligne 3, FINESS 860000017 déjà lu"),
        (file_of(POITIERS, year=23), "année « 23 »"),
        (file_of(POITIERS) + file_of(POITIERS | {"FI": "440000017"}, year=2022).split(b"\n", 1)[1], "plusieurs années"),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_line(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said.replace("(", r"\(")):
        read(content)


def test_a_centre_made_from_a_workload_gives_it_back() -> None:
    made = expected(Declared(20, 4, 0, 0), handling_s=320, patience_s=400)
    presented = 20 * 8760
    answered = round(presented * (1 - made.unanswered))
    samu = Samu(
        2023, "860000017", "X", presented, 0, answered, round(answered * made.qs60), 1000, 800, 300, 100, 50, 50, 672
    )
    found = effective(samu)
    assert isinstance(found, Effective)
    assert found.handling_s == pytest.approx(320, rel=0.01)
    assert found.patience_s == pytest.approx(400, rel=0.03)


def test_a_doubtful_declaration_is_calibrated_on_nothing() -> None:
    [samu] = read(file_of(POITIERS | {"APMIN": 500_000}))
    assert declared_by(samu) is None
    assert effective(samu) is None


def test_quantiles_and_ratios_of_a_file_made_here() -> None:
    found = {figure.label: figure.value for figure in national(read(file_of(*france(5))))}
    assert found["SAMU"] == 5
    assert found["Appels par heure et par SAMU, médiane"] == pytest.approx(180_000 * 1.6 / 8760)
    assert found["DRM libérale ÷ DRM"] == pytest.approx(35 / 85)
