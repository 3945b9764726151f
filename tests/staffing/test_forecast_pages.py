"""Counts of calls given on a page become a kept forecast, that shifts can cover; school holidays that a SAS brings."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.science.forecast.synthetic import samu_like
from quinze.staffing.models import CallForecast, SchoolCalendar
from quinze.staffing.queries import planning
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db
PREVISION = "/effectifs/etudes/prevision/"


@pytest.fixture
def editor(client):
    return login(client, make_actor(Role.SUPERVISOR))


def _counts(days=21, mean=40.0):
    made = samu_like(seed=3, days=days, mean=mean, departement="86").series
    lines = ["debut;appels"]
    for day in range(days):
        when = made.first + timedelta(days=day)
        lines += [f"{when:%d/%m/%Y} {hour:02}:00;{int(made.counts[day, hour])}" for hour in range(24)]
    return "\n".join(lines).encode()


def _send(editor, name, **files):
    uploads = {key: SimpleUploadedFile(f"{key}.csv", value) for key, value in files.items() if isinstance(value, bytes)}
    rest = {key: value for key, value in files.items() if not isinstance(value, bytes)}
    return editor.post(reverse(f"staffing:{name}"), rest | uploads, follow=True)


def test_counts_become_a_forecast_that_says_what_it_is_worth(editor):
    assert "Aucun compte d’appels" in editor.get(PREVISION).content.decode()
    page = _send(editor, "give_counts", file=_counts()).content.decode()
    assert "lisez d’abord ce qu’elle vaut" in page
    assert "21 jours comptés : intervalles larges" in page, "three weeks: it works, and says so"
    assert "ni la saison" in page
    assert editor.get(PREVISION + "dessins/1/").content.startswith(b"<svg")
    assert editor.get("/effectifs/etudes/prevision/export/xlsx/").status_code == 200


def test_shifts_cover_the_calls_of_the_forecast(editor):
    _send(editor, "give_counts", file=_counts(mean=20.0))
    kept = CallForecast.objects.get()
    rates = planning.rates_of(kept, "Europe/Paris", busy=False)
    assert len(rates) == 672
    assert 12 < sum(rates) / 672 < 28
    assert sum(planning.rates_of(kept, "Europe/Paris", busy=True)) > sum(rates)
    page = editor.get("/effectifs/etudes/gardes/?source=prevision").content.decode()
    assert "Appels de la prévision du" in page


def test_an_error_against_the_past_is_measured_when_there_is_enough(editor):
    page = _send(editor, "give_counts", file=_counts(days=40)).content.decode()
    assert "Erreur mesurée sur" in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"debut;appels\n", "Aucune ligne"), (b"\xff\xfe", "Accept"), (b"a;b\n1;2\n", "olonne"),
        (b"debut;appels\n01/01/2026 00:00;-3\n", "-3"), (b"debut;appels\n01/01/2026 00:00;5\n", "jours"),
    ],
)  # fmt: skip
def test_counts_that_make_no_sense_are_refused(editor, content, said):
    page = _send(editor, "give_counts", file=content)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not CallForecast.objects.exists()


def test_counts_of_several_sas_are_refused(editor):
    both = b"sas;debut;appels\nA;01/01/2026 00:00;5\nB;01/01/2026 00:00;5\n"
    assert "plusieurs SAS" in _send(editor, "give_counts", file=both).content.decode()


def test_an_epidemic_index_is_read_and_must_cover_the_days(editor):
    days = [date(2023, 1, 2) + timedelta(days=index) for index in range(21 + 28)]
    index = "jour;valeur\n" + "\n".join(f"{day.isoformat()};{rank % 7}" for rank, day in enumerate(days))
    ok = _send(editor, "give_counts", file=_counts(), regressor=index.encode())
    assert "lisez d’abord" in ok.content.decode()
    short = _send(editor, "give_counts", file=_counts(), regressor=index.encode()[:200].rsplit(b"\n", 1)[0])
    assert short.status_code == 422


def test_a_sas_brings_its_school_calendar_and_the_forecast_uses_it(client):
    corsica = login(client, make_actor(Role.SUPERVISOR, make_sas("2A")))
    page = corsica.get(reverse("staffing:school")).content.decode()
    assert "Quinze ne les a pas" in page
    without = _send(corsica, "give_counts", file=_counts()).content.decode()
    assert "Vacances scolaires inconnues" in without
    given = (
        b"debut;rentree;nom\n2022-12-17;2023-01-03;No\xc3\xabl\n2023-02-18;2023-03-06;Hiver\n2024-07-01;2024-09-01;x\n"
    )
    page = _send(corsica, "school", file=given, source="arrêté du recteur").content.decode()
    assert "3 périodes de vacances lues" in page
    assert "arrêté du recteur" in page
    assert SchoolCalendar.objects.get().periods[0] == ["2022-12-17", "2023-01-03", "Noël"]
    after = _send(corsica, "give_counts", file=_counts()).content.decode()
    assert "Vacances scolaires inconnues" not in after
    for wrong in (b"", b"x", b"debut;rentree\n2023-01-01;2022-01-01\n"):
        assert _send(corsica, "school", file=wrong, source="x").status_code == 422
    assert _send(corsica, "school", file=given, source=" ").status_code == 422
