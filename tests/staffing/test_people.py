"""People of the room: what the year owes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quinze.accounts.events import PostAsked
from quinze.accounts.models import User
from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.science.rosters import Assignment, Bar, Period, Person, Problem, Shift, breaches, solve
from quinze.staffing import operations as do
from quinze.staffing.eligibility import limits, notices
from quinze.staffing.handlers import check_facts
from quinze.staffing.models import RosterAssignment, StaffFact, StaffMember
from quinze.staffing.queries.people import members
from tests.factories.accounts import login, make_actor, make_sas
from tests.factories.rosters import AT, MONDAY, make_shift, put_on, somebody, supervisor

pytestmark = pytest.mark.django_db
SUNDAY = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(("people", "questions"), [(1, 6), (3, 6)])
def test_who_regulates_from_a_distance_has_a_counter_of_the_year(people: int, questions: int) -> None:
    """Shifts of this year that have begun: 8 h on site of 40."""
    sas = make_sas()
    found = [somebody(Role.REGULATEUR_SNP) for _ in range(people)]
    for user in found:
        StaffMember.objects.create(sas=sas, user=user, remote=True)
    for day, here in ((-40, True), (-39, False), (-38, False), (-37, False), (-1, False), (-400, True), (3, True)):
        held = put_on(make_shift(day, role=Role.REGULATEUR_SNP), found[0])
        RosterAssignment.objects.filter(pk=held.pk).update(on_site=here)
    with CaptureQueriesContext(connection) as asked:
        told = [each.on_site for each in members(sas, at=SUNDAY) if each.on_site]
    assert sorted(each.told for each in told) == [
        "20 % sur place (8 h sur 40) pour 20 %", *["aucune garde cette année"] * (people - 1),
    ]  # fmt: skip
    assert not any(each.short for each in told)
    assert len(asked) == questions


def test_who_came_too_little_is_said_on_the_page(client) -> None:
    login(client, make_actor(Role.SUPERVISOR))
    user = somebody(Role.REGULATEUR_AMU)
    StaffMember.objects.create(sas=make_sas(), user=user, remote=True)
    held = put_on(make_shift(-50, role=Role.REGULATEUR_AMU), user)
    RosterAssignment.objects.filter(pk=held.pk).update(on_site=False)
    shown = client.get(reverse("staffing:people")).content.decode()
    assert "<strong>0 % sur place (0 h sur 8) pour 20 %</strong>" in shown


# ---- eligibility


class Told(NamedTuple):
    kind: str
    since: date
    until: date | None = None


TODAY = date(2026, 11, 22)
LONG_AGO, AWHILE = date(2023, 1, 10), date(2023, 12, 10)


def said(*facts: Told, role: Role = Role.REGULATEUR_SNP, remote: bool = False) -> list[tuple[str, bool]]:
    return [(each.said, each.late) for each in notices(facts, roles=[role], remote=remote, today=TODAY)]


TRAINED = Told("trained", LONG_AGO)


def test_a_retired_doctor_is_told_then_barred() -> None:
    assert said(TRAINED, Told("retired", LONG_AGO)) == [
        ("Médecin retraité (cumul emploi-retraite) : jusqu’au 10/01/2026.", True)
    ]
    assert said(TRAINED, Told("retired", AWHILE)) == [
        ("Médecin retraité (cumul emploi-retraite) : jusqu’au 10/12/2026.", False)
    ]
    assert said(TRAINED, Told("retired", LONG_AGO, date(2028, 1, 1))) == [], "an attestation goes further"
    assert said(TRAINED, Told("retired", LONG_AGO), Told("liberal", TODAY)) == [], "the last status counts"
    assert limits([Told("retired", date(2024, 2, 29))])[0].day == date(2027, 3, 1)


def test_an_arm_in_transition_is_evaluated_within_a_year() -> None:
    begun = Told("arm_transition", date(2025, 11, 1))
    late = ("Formation transitoire d’ARM : évaluation à douze mois attendue le 01/11/2026.", True)
    assert said(begun, role=Role.ARM) == [late]
    assert said(begun, role=Role.REGULATEUR_AMU)[0][0] == "Statut à renseigner."
    assert said(begun, Told("arm_evaluated", date(2026, 10, 20)), role=Role.ARM) == []
    assert said(begun, Told("arm_certified", date(2026, 10, 20)), role=Role.ARM) == []
    assert said(Told("arm_evaluated", date(2024, 1, 1)), begun, role=Role.ARM) == [late]


def test_what_is_not_known_is_asked_for_and_bars_nobody() -> None:
    assert said(remote=True) == [
        ("Statut à renseigner.", False),
        ("Formation à la régulation à renseigner.", False),
        ("Validation à distance à renseigner.", False),
    ]
    assert said(role=Role.ARM) == [("Diplôme ou formation d’ARM à renseigner.", False)]
    assert said(role=Role.OSNP) == []
    assert limits([]) == ()


def fact(user: User, kind: str, since: date, until: date | None = None) -> StaffFact:
    return do.add_fact(user=user, kind=kind, since=since, until=until, note="", by=supervisor(), at=AT)


def test_what_is_over_is_refused_on_the_roster_and_told_at_the_post() -> None:
    doctor = somebody(Role.REGULATEUR_SNP)
    fact(doctor, "substitute", date(2025, 1, 1), MONDAY)
    before, after = (make_shift(day, role=Role.REGULATEUR_SNP) for day in (0, 1))
    assert do.assign(before.pk, user=doctor, by=supervisor(), at=AT) == []
    with pytest.raises(Refusal, match="Médecin remplaçant : jusqu’au 30/11/2026"):
        do.assign(after.pk, user=doctor, by=supervisor(), at=AT)
    assert do.assign(after.pk, user=doctor, by=supervisor(), at=AT, despite="Licence en cours")[0].rule == "barred"
    warned: list[str] = []
    asked = PostAsked(doctor, make_sas(), Role.REGULATEUR_SNP, AT + timedelta(days=14), warned.append)
    check_facts(asked)
    assert warned == [
        "Médecin remplaçant : jusqu’au 30/11/2026. Voyez le superviseur : votre situation est à mettre à jour."
    ]
    check_facts(replace(asked, at=AT))
    check_facts(replace(asked, role=Role.ARM))
    assert len(warned) == 1


def test_the_solver_leaves_out_whom_a_limit_bars() -> None:
    shift = Shift("g", "arm", Period(SUNDAY, SUNDAY + timedelta(hours=8)))
    bar = Bar(frozenset({"arm"}), Period(SUNDAY - timedelta(days=1), SUNDAY + timedelta(days=9)), "Dépassé.")
    people = [Person("a", frozenset({"arm"}), barred=(bar,))]
    problem = Problem(ZoneInfo("Europe/Paris"), people, [shift])
    assert [each.said for each in breaches(problem, [Assignment("a", "g")])] == ["Dépassé."]
    assert solve(problem, effort=0.1).assignments == ()


def test_facts_are_never_rewritten() -> None:
    written = fact(somebody(), "arm_certified", LONG_AGO)
    with pytest.raises(DatabaseError), transaction.atomic():
        StaffFact.objects.filter(pk=written.pk).update(kind="liberal")
    with pytest.raises(DatabaseError), transaction.atomic():
        StaffFact.objects.filter(pk=written.pk).delete()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "astronaute"}, "dans la liste"),
        ({"since": "hier"}, "Une date s’écrit"),
        ({"since": "1066-10-14"}, "14/10/1066 : de 01/01/1950 à"),
        ({"until": "9999-12-31"}, "31/12/9999 : de 01/01/1950 à"),
        ({"until": "2020-01-01"}, "La fin vient avant le début."),
        ({"note": "x" * 201}, "200"),
    ],
)
def test_a_line_that_cannot_be_is_refused_in_words(client, values: dict[str, str], said: str) -> None:
    login(client, make_actor(Role.SUPERVISOR))
    page = reverse("staffing:facts", args=[somebody().pk])
    answer = client.post(page, {"kind": "liberal", "since": "2024-01-01", "until": "", "note": ""} | values)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_line_is_written_and_read_on_the_page(client) -> None:
    login(client, make_actor(Role.SUPERVISOR))
    user = somebody(Role.REGULATEUR_SNP)
    page = reverse("staffing:facts", args=[user.pk])
    assert "Rien n’est écrit" in client.get(page).content.decode()
    line = {"kind": "retired", "since": "2019-05-01", "until": "", "note": "Convention URPS"}
    shown = client.post(page, line, follow=True).content.decode()
    assert "jusqu’au 01/05/2022" in shown
    assert "Convention URPS" in shown
    assert "jusqu’au 01/05/2022.</strong>" in client.get(reverse("staffing:people")).content.decode()
    assert client.get(reverse("staffing:facts", args=[10**9])).status_code == 404
