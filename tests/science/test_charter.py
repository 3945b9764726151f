import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.science.charter import Charter, CharterError, Offer, OrderKey, Selector, Special, charter_from_json

from .strategies import charters
from .worked_case import DOCUMENT

CHANGES: list[tuple[str, Any, str, str]] = [
    ("levels.2.colour", "red", "levels[2]", "Niveau 3 « CPTS du patient » : champ inconnu « colour »"),
    ("surprise", 1, "", "champ inconnu « surprise »"),
    ("levels.1.within", {"km": 900}, "levels[1].within.km", "distance, km : 900 est hors bornes (de 0,1 à 300)"),
    ("levels.1.within", {"minutes": 0}, "levels[1].within.minutes", "0 est hors bornes (de 1 à 180)"),
    ("levels.1.within", {"minutes": True}, "levels[1].within.minutes", "un nombre entier est attendu"),
    ("levels.1.within", {"minutes": 5, "km": 5}, "levels[1].within", "un seul des deux"),
    ("levels.1.within", "far", "levels[1].within", "valeurs possibles : default, territory"),
    ("levels.3.offer", [], "levels[3].offer", "Niveau 4 « Participants », offre : 0 élément(s) ; il en faut de 1"),
    ("levels.3.offer", ["snp", "snp"], "levels[3].offer", "« snp » est écrit deux fois"),
    ("levels.3.offer", "snp", "levels[3].offer", "une liste est attendue"),
    ("levels.3.order", ["cheapest"], "levels[3].order[0]", "« cheapest » n'est pas prévu"),
    ("levels.3.who", "everyone", "levels[3].who", "qui : « everyone » n'est pas prévu"),
    ("levels.5.who", "structure_kind", "levels[5].who", "doit dire lesquels"),
    ("levels.5.who", {"structure_kind": []}, "levels[5].who", "doit dire lesquels"),
    ("levels.5.who", {"emergency_department": ["ED"]}, "levels[5].who", "n'accepte pas de valeurs"),
    ("levels.5.who", {"profession": ["10"], "filiere": ["psy"]}, "levels[5].who", "un seul sélecteur"),
    ("levels.3.who", {"participants": ["friends"]}, "levels[3].who.participants[0]", "« friends » n'est pas prévu"),
    ("levels.5.when", [{"days": [7]}], "levels[5].when[0].days[0]", "7 est hors bornes (de 0 à 6)"),
    ("levels.5.when", [{"from": "25:00"}], "levels[5].when[0].from", "une heure de la forme 19:00"),
    ("levels.5.when", [{"from": "22:00", "to": "06:00"}], "levels[5].when[0]", "s'écrit en deux plages"),
    ("levels.5.when", [{"pdsa": "yes"}], "levels[5].when[0].pdsa", "vrai, faux ou rien"),
    ("levels.4.opens", {"after_minutes": 100_000}, "levels[4].opens.after_minutes", "hors bornes"),
    ("levels.0.opens", {"unserved_hours": 2}, "levels[0].opens", "aucun niveau ne précède le premier"),
    ("levels.4.needs", {"min_age_months": 36, "max_age_months": 36}, "levels[4].needs", "inférieur à l'âge maximal"),
    ("levels.4.needs", {"sex": "F"}, "levels[4].needs", "champ inconnu « sex »"),
    ("levels.4.name", "  ", "levels[4].name", "un texte non vide est attendu"),
    ("levels.4.name", "participants", "levels[4].name", "ce nom est déjà pris"),
    ("levels.4.who", "not_participating_with_public_slots", "levels[4].offer", "sur leurs places publiques"),
    ("levels", [], "levels", "au moins un niveau"),
    ("levels.0", 3, "levels[0]", "un objet JSON est attendu"),
    ("steps", {"fairest": 0.005}, "steps.fairest", "hors bornes"),
    ("steps", {"fairest": 0.055}, "steps.fairest", "deux décimales au plus"),
    ("steps", {"earliest_minutes": float("nan")}, "steps.earliest_minutes", "un nombre entier est attendu"),
    ("default_order", [], "default_order", "il en faut de 1"),
    ("default_radius", "default", "default_radius", "ne peut pas renvoyer à elle-même"),
    ("agreed_on", "demain", "agreed_on", "une date de la forme"),
    ("version", None, "version", "un texte non vide est attendu"),
]


def changed(path: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    target: Any = document
    for key in parents:
        target = target[key]
    target[last] = value
    return document


@pytest.mark.parametrize(("path", "value", "where", "message"), CHANGES)
def test_a_fault_is_told_with_its_level_and_field(path: str, value: Any, where: str, message: str) -> None:
    with pytest.raises(CharterError) as raised:
        charter_from_json(changed(path, value))
    assert [fault for fault in raised.value.faults if fault.path == where and message in fault.message]


def test_all_faults_at_once() -> None:
    document = changed("levels.1.within", {"km": 900})
    document["levels"][3]["offer"] = []
    document["title"] = ""
    with pytest.raises(CharterError) as raised:
        charter_from_json(document)
    assert [fault.path for fault in raised.value.faults] == ["title", "levels[1].within.km", "levels[3].offer"]


def test_reading_the_worked_case() -> None:
    charter = charter_from_json(DOCUMENT)
    assert [level.who.selector for level in charter.levels[:2]] == [
        Selector.REFERRING_DOCTOR,
        Selector.REFERRING_DOCTOR_STRUCTURE,
    ]
    assert charter.levels[1].within is Special.DEFAULT
    assert charter.levels[4].offer == {Offer.OVERBOOKING}
    assert charter.order_of(charter.levels[0]) == (OrderKey.EARLIEST,)


@given(charters())
def test_written_and_read_back_equal(charter: Charter) -> None:
    assert charter_from_json(json.loads(json.dumps(charter.to_json()))) == charter


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PATHS = sorted({change[0] for change in CHANGES} | {"levels.3.who", "levels.5.when.0", "levels.5.when.0.days"})


@given(st.sampled_from(PATHS), JSON)
def test_garbage_is_read_or_refused_never_a_crash(path: str, garbage: Any) -> None:
    with contextlib.suppress(CharterError):
        charter = charter_from_json(changed(path, garbage))
        assert charter_from_json(charter.to_json()) == charter


@given(JSON)
def test_garbage_instead_of_a_document(garbage: Any) -> None:
    with pytest.raises(CharterError):
        charter_from_json(garbage)
