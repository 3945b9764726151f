"""What a scenario file says, what it may not say, and that it is written as it is read."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.science.callcentre.durations import Empirical, Exponential, Fixed, Lognormal
from quinze.science.callcentre.errors import ScenarioError
from quinze.science.callcentre.model import (
    Absence,
    CallClass,
    Handover,
    Level,
    Outage,
    Pooling,
    Scenario,
    Skill,
    Surge,
)
from quinze.science.callcentre.scenario import scenario_from_toml
from quinze.science.callcentre.writing import scenario_to_toml

from .centres import one_queue, whole_sas

DAY = """
name = "Une journée"
starts_at = "07:00"
[classes.V]
share = 0.1
path = [
  { level = "N1", talk = { lognormal = 45, cv = 0.6 }, goes_on = 1, handover = "attended", conference = 20 },
  { level = "N2_AMU", talk = { values = [60, 120, 300] }, priority = 0 },
]
[classes.X]
share = 0.9
path = [{ level = "N1", talk = { exponential = 30 } }]
[levels.N1]
patience = { exponential = 150 }
wrap_up = 8
[pooling]
levels = ["N1"]
[[centre]]
name = "86"
arrivals = { per_hour = [8, 12], day_cv = 0.1 }
[[centre.group]]
name = "ARM"
skills = ["N1", { level = "N2_AMU", after = 30 }]
shifts = [{ from = "08:00", to = "20:00", agents = 2 }, { from = "20:00", to = "08:00", agents = 1 }]
[[incident]]
kind = "outage"
start_minute = 60
minutes = 20
[[incident]]
kind = "surge"
factor = 4
start_minute = 120
minutes = 60
"""


def test_a_file_is_read_into_the_model():
    scenario = scenario_from_toml(DAY)
    first, second = scenario.classes[CallClass.V].path
    assert (first.talk, first.handover, first.conference) == (Lognormal(45, 0.6), Handover.ATTENDED, Fixed(20))
    assert (second.talk, second.priority) == (Empirical((60, 120, 300)), 0)
    assert scenario.levels[Level.N1].patience == Exponential(150)
    assert scenario.pooling == Pooling(levels=(Level.N1,))
    assert scenario.incidents == (Outage(start=3600, end=4800), Surge(factor=4, start_slot=8, end_slot=12))
    (centre,) = scenario.centres
    assert centre.arrivals.per_slot[:9] == (2, 2, 2, 2, 3, 3, 3, 3, 2)
    assert centre.groups[0].skills == (Skill(level=Level.N1), Skill(level=Level.N2_AMU, after=30))
    # the scenario begins at seven: one agent for an hour, two for twelve, one again
    assert centre.groups[0].agents == (1,) * 4 + (2,) * 48 + (1,) * 44


def test_what_is_read_is_written_and_read_again():
    scenario = scenario_from_toml(DAY)
    assert scenario_from_toml(scenario_to_toml(scenario)) == scenario


INCIDENTS = st.sampled_from(
    [
        Outage(start=300, end=1500),
        Absence(group="MRU", agents=1, start_slot=2, end_slot=5, centre="86"),
        Surge(factor=2.5, start_slot=0, end_slot=8),
    ]
)


@settings(max_examples=25, deadline=None)
@given(
    rate=st.floats(0, 500),
    name=st.text(min_size=1).filter(str.strip),
    incidents=st.lists(INCIDENTS, max_size=3),
    pooled=st.booleans(),
    seed=st.integers(0, 2**63 - 1),
)
def test_any_scenario_written_reads_back_the_same(rate, name, incidents, pooled, seed):
    pooling = Pooling(levels=(Level.N1, Level.N3_SNP), after=20) if pooled else None
    scenario: Scenario = replace(
        whole_sas(slots=8, per_slot=rate), name=name, incidents=tuple(incidents), pooling=pooling, seed=seed
    )
    assert scenario_from_toml(scenario_to_toml(scenario)) == scenario


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("starts_at", "start_at", "start_at : clé inconnue ; sont acceptées : centre, classes"),
        ('"07:00"', '"07:05"', r"starts_at : '07:05' ; une heure de 00:00 à 24:00, par quart d’heure"),
        ('"07:00"', '"matin"', "une heure « HH:MM » est attendue"),
        ("share = 0.9", "share = 0.8", r"parts des classes V, A, S, X : leur somme est 0\.9"),
        ("share = 0.9", "share = -0.9", r"classes\.X, part de la classe : -0\.9 n’est pas accepté ; il faut de 0 à 1"),
        ("exponential = 30", "exponential = 0", r"durée exponentielle, moyenne : 0 n’est pas accepté"),
        ("exponential = 30", "gamma = 30", "gamma : clé inconnue"),
        ("cv = 0.6 }", "exponential = 3 }", "écrivez un nombre"),
        ('"N2_AMU", talk', '"N5", talk', r"path\[2\]\.level : 'N5' ; sont acceptés : N1, N2_AMU"),
        ("agents = 2 }", "agents = 1000000 }", "1000000 n’est pas accepté ; il faut de 0 à 10000 agents"),
        ("agents = 2 }", "agents = 2.5 }", r"2\.5 ; un nombre entier est attendu"),
        ("[8, 12]", "[8, 12, 10, 9, 7]", "20 quarts d’heure ; il en faut 96"),
        ("[8, 12]", "[]", "0 quarts d’heure ; il en faut 96"),
        ("[8, 12]", "[8, nan]", "nan n’est pas accepté"),
        ("[8, 12]", "[8, -1]", r"-0\.25 n’est pas accepté"),
        ("per_hour", "per_slot = 3, per_hour", "l’un des deux"),
        ("minutes = 60", "minutes = 50", "multiples de 15 minutes"),
        ('"surge"', '"grève"', "'grève' ; sont acceptés : outage, absence, surge"),
        ("minutes = 20", "minutes = 99999", "panne, fin : 6003540 n’est pas accepté"),
        ('name = "86"', "", "name : valeur absente"),
        ("wrap_up = 8", "reserve = true", "True ; un nombre entier est attendu"),
        ("conference = 20 }", "conference = 20, x = 1 }", r"path\[1\]\.x : clé inconnue"),
        ('"attended"', '"blind"', "elle n’a lieu que si le passage à la suite est accompagné"),
        ("[pooling]", "pooling = 3\n[levels.N2_AMU]", "clé inconnue|pooling"),
        ('name = "Une journée"', 'slots = 1000000000\nname = "x"', "1000000000 n’est pas accepté"),
    ],
)
def test_what_is_absurd_is_refused_with_its_place_and_what_is_accepted(was, becomes, said):
    assert was in DAY
    with pytest.raises(ScenarioError, match=said):
        scenario_from_toml(DAY.replace(was, becomes, 1))


@pytest.mark.parametrize("garbage", ["", "name = ", b"\xff\xfe", "name = 3", "x" * 5_000_001, "centre = 1\nname = 'x'"])
def test_what_is_no_scenario_is_refused(garbage):
    with pytest.raises(ScenarioError):
        scenario_from_toml(garbage)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(DAY) - 1), st.integers(1, 30), st.text(max_size=5))
def test_a_spoiled_file_is_read_or_refused_but_never_breaks(at, length, instead):
    with suppress(ScenarioError):
        assert isinstance(scenario_from_toml(DAY[:at] + instead + DAY[at + length :]), Scenario)


def test_a_queue_without_any_incident_nor_level_rule_is_short():
    assert "[levels" not in scenario_to_toml(one_queue(agents=2, per_hour=10, talk=Fixed(60)))
