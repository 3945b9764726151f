"""The manager's page: how each editor does, from real calls."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from quinze.accounts.operations import start_duty
from quinze.accounts.roles import Role
from quinze.interop.editors.accounts import due, push
from quinze.interop.editors.health import forget_calls
from quinze.interop.editors.models import EditorAccount, EditorCall
from quinze.interop.editors.refreshing import refresh
from tests.factories import editors as make
from tests.factories import orientation
from tests.factories.accounts import grant, login, make_actor, make_user
from tests.factories.editors import Pki
from tests.factories.orientation import AT, Territory

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=1)


@pytest.fixture
def land(settings: LazySettings) -> Territory:
    settings.QUINZE_CLOCK_OFFSET = AT + 5 * MINUTES - datetime.now(UTC)
    return orientation.territory()


def seen_by(land: Territory, role: Role) -> str:
    page = login(Client(), make_actor(role, land.sas, at=AT))
    text = page.get(reverse("interop:editors")).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.partition("<main")[2]))


def test_the_page_says_who_answers_how_fast_and_what_was_set_aside(land: Territory, papers: Pki) -> None:
    place, other = orientation.doctor(land), orientation.doctor(land)
    with make.answering(papers, make.doctor_of(place, *range(1, 11))) as fake:
        _, agendas = make.registered(fake, papers, place)
        fake.mood.malformed = 3
        refresh(agendas, at=AT)
        _, mute = make.registered("https://localhost:1/fhir", papers, other, code="docto")
        for seconds in range(3):
            refresh(mute, at=AT + timedelta(seconds=seconds))

    said = seen_by(land, Role.SUPERVISOR)

    assert "2 éditeurs" in said
    answers = r"Agendix PS En service A répondu, 10:00:0\d .* 100 % de 1 \d+ ms 1 2 heures fausses 1 non libre à jour"
    assert re.search(answers, said)
    mute_now = (
        r"Docto PS Suspendu interrogé à la prochaine lecture Est injoignable, 10:00:0\d .* 0 % de 3 \d+ ms 1 1 sans"
    )
    assert re.search(f"{mute_now} réponse", said)
    assert "Suspendu : est injoignable" in said


def test_a_suspended_editor_says_until_when(land: Territory, papers: Pki) -> None:
    _, mute = make.registered("https://localhost:1/fhir", papers, orientation.doctor(land), code="docto")
    for seconds in range(3):
        refresh(mute, at=AT + 5 * MINUTES + timedelta(seconds=seconds))
    assert re.search(r"Docto PS Suspendu jusqu’à 10:05:3\d", seen_by(land, Role.SUPERVISOR))


def test_an_editor_never_asked_says_so(land: Territory, papers: Pki) -> None:
    make.registered("https://localhost:1/fhir", papers)
    assert "Pas encore interrogé" in seen_by(land, Role.REFERENT)


def test_accounts_not_accepted_are_named_to_who_manages_them_and_sent_again(land: Territory, papers: Pki) -> None:
    with make.answering(papers) as fake:
        make.registered(fake, papers)
        user = make_user(given_name="Pauline", family_name="Ricart")
        grant(user, Role.OSNP, land.sas, start=AT - timedelta(days=2))
        start_duty(user, sas=land.sas, role=Role.OSNP, at=AT, two_factors=True)
        fake.mood.status = 400
        for pk in due(at=AT):
            push(pk, at=AT)
        assert "Ricart" not in seen_by(land, Role.SUPERVISOR)
        assert "Pauline Ricart : Agendix répond par une erreur (400)" in seen_by(land, Role.ADMINISTRATOR)

        page = login(Client(), make_actor(Role.ADMINISTRATOR, land.sas, at=AT))
        answer = page.post(reverse("interop:editor_accounts"), {"compte": [EditorAccount.objects.get().pk, "x"]})
        assert answer.status_code == 302
        fake.mood.status = 200
        assert [push(pk, at=AT + 6 * MINUTES) for pk in due(at=AT + 6 * MINUTES)] == ["ok"]


@pytest.mark.parametrize("editors", [1, 3])
def test_the_page_reads_as_often_for_one_editor_as_for_three(
    land: Territory, papers: Pki, editors: int, django_assert_num_queries: Any
) -> None:
    for number in range(editors):
        make.registered("https://localhost:1/fhir", papers, code=f"editeur{number}")
    page = login(Client(), make_actor(Role.SUPERVISOR, land.sas, at=AT))
    page.get(reverse("interop:editors"))
    with django_assert_num_queries(9):
        page.get(reverse("interop:editors"))


def test_calls_are_forgotten_after_a_week(land: Territory, papers: Pki) -> None:
    place = orientation.doctor(land)
    _, agendas = make.registered("https://localhost:1/fhir", papers, place)
    refresh(agendas, at=AT)
    assert forget_calls(at=AT + timedelta(days=6)) == 0
    assert forget_calls(at=AT + timedelta(days=8)) == 1
    assert not EditorCall.objects.exists()
