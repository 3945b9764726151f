"""From file to files, as `quinze forecast` does."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from quinze.science.forecast import Backtest, fit
from quinze.science.forecast.backtest import Window
from quinze.science.forecast.files import ALL
from quinze.science.forecast.study import Studied, as_text
from quinze.science.forecast.synthetic import samu_like


def _file(path: Path, *, days: int = 70, sas: tuple[str, ...] = ("Nantes",), level: bool = False) -> Path:
    lines = ["debut;appels;sas;departement" + (";niveau" if level else "")]
    for rank, name in enumerate(sas):
        series = samu_like(seed=rank, days=days).series
        for index, calls in enumerate(series.counts.reshape(-1)):
            day, hour = divmod(index, 24)
            start = f"{series.first + timedelta(days=day)}T{hour:02}:00:00"
            parts = {"AMU": round(calls * 0.4), "SNP": calls - round(calls * 0.4)} if level else {"": calls}
            lines += [
                f"{start}+01:00;{part:.0f};{name};44" + (f";{key}" if level else "") for key, part in parts.items()
            ]
    path.write_text("\n".join(lines))
    return path


def test_the_command_writes_forecasts_and_says_their_error(tmp_path: Path) -> None:
    file = _file(tmp_path / "appels.csv", level=True)
    call_command("forecast", str(file), "--days", "2", "--report", str(tmp_path / "rapport.txt"), stdout=io.StringIO())
    text = (tmp_path / "appels-prevision.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 3 * 2 * 96
    assert {row["niveau"] for row in rows} == {"", "AMU", "SNP"}
    assert all(int(row["bas_95"]) <= int(row["bas_80"]) <= int(row["haut_80"]) <= int(row["haut_95"]) for row in rows)
    report = (tmp_path / "rapport.txt").read_text()
    assert "Nantes : appris du" in report
    assert "Erreur mesurée sur 4 périodes passées" in report
    assert "Attention : Moins d’un an de données" in report


def test_one_bad_sas_does_not_cost_the_others_theirs(tmp_path: Path) -> None:
    file = _file(tmp_path / "appels.csv", days=30)
    with file.open("a") as more:
        more.write("\n2026-01-01T00:00+01:00;4;=Brest;29\n")
    out = io.StringIO()
    call_command("forecast", str(file), "--days", "1", "--no-error", "--output", str(tmp_path / "p.csv"), stdout=out)
    assert "=Brest : pas de prévision. 0.0 jours comptés : trop peu" in out.getvalue()
    assert "Erreur non mesurée" in out.getvalue()


@pytest.mark.parametrize(
    ("naive", "mean", "said"),
    [
        (90.0, 95.0, "moins bonne que la semaine d’avant"),
        (120.0, 95.0, "huit semaines fait aussi bien"),
        (120.0, 110.0, ""),
    ],
)
def test_the_report_says_when_something_simpler_does_better(naive: float, mean: float, said: str) -> None:
    series = samu_like(seed=1, days=30).series
    model = fit(series)
    window = Window(series.first, 24, 1000.0, 100.0, naive, mean, 5.0, 20, 23)
    studied = Studied("Nantes", "", model, {ALL: model.predict(series.after, 1)}, Backtest((window,)))
    warned = [line for line in as_text([studied]).splitlines() if "Sur ces données" in line]
    assert len(warned) == bool(said)
    assert all(said in line for line in warned)


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("debut;appels\n2026-01-01T00:00;-1\n", [], "Ligne 2 : « -1 » appels"),
        ("debut;appels\n2026-01-01T00:00;1\n", [], "Aucune prévision"),
        ("debut;appels\n2026-01-01T00:00;1\n", ["--regressor", "absent.csv"], "absent.csv ne se lit pas"),
    ],
)
def test_a_bad_file_is_one_line_of_error(tmp_path: Path, content: str, options: list[str], said: str) -> None:
    file = tmp_path / "appels.csv"
    file.write_text(content)
    with pytest.raises(CommandError, match=said):
        call_command("forecast", str(file), *options, stdout=io.StringIO())
