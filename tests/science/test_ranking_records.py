import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from quinze.science.ranking import (
    ALGORITHM,
    UnknownAlgorithmError,
    inputs_from_json,
    inputs_to_json,
    rank,
    ranking_to_json,
    run,
    seed_for,
)

from .worked_case import AT, doctor, seat, worked_case


def test_the_seed_is_published() -> None:
    assert seed_for("R", "86-1") == hashlib.sha256(b"R\n86-1").hexdigest()


def test_an_unknown_algorithm_says_which_are_known() -> None:
    with pytest.raises(UnknownAlgorithmError, match="algorithme de classement 99 inconnu ; connus : 1, 2"):
        run(99, worked_case())
    newest = replace(worked_case(), algorithm=ALGORITHM)
    assert run(ALGORITHM, worked_case()) == rank(newest)


def test_a_ranking_stored_on_the_first_day_is_replayed_to_the_same_result() -> None:
    """A change of the algorithm that forgets to take a new number, or of the record's form, fails here."""
    stored = json.loads((Path(__file__).parent / "record_of_algorithm_1.json").read_text())
    inputs = inputs_from_json(stored["inputs"])
    assert inputs == worked_case()
    assert ranking_to_json(run(inputs.algorithm, inputs)) == stored["ranking"]


def test_instants_of_other_zones_are_the_same_instants() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=11)))
    assert worked_case(at=elsewhere) == worked_case()
    assert inputs_to_json(worked_case(at=elsewhere)) == inputs_to_json(worked_case())


def test_naive_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="sans fuseau horaire"):
        worked_case(at=datetime(2026, 11, 24, 10), moment=worked_case().moment)  # noqa: DTZ001


def test_two_candidates_of_one_identifier_are_refused() -> None:
    with pytest.raises(ValueError, match="même identifiant"):
        worked_case(candidates=(doctor("X"), doctor("X")))


def test_a_microsecond_is_kept() -> None:
    odd = replace(seat("x", 11), start=datetime(2026, 11, 24, 10, 0, 0, 7, tzinfo=UTC), free=3, plage=True)
    inputs = worked_case(candidates=(doctor("X", odd, minutes=3),))
    assert inputs_from_json(json.loads(json.dumps(inputs_to_json(inputs)))) == inputs


def test_a_record_with_an_unknown_field_is_refused() -> None:
    stored = inputs_to_json(worked_case())
    with pytest.raises(ValueError, match="champs inconnus dans RankingInputs : colour"):
        inputs_from_json(stored | {"colour": "red"})
    with pytest.raises(ValueError, match="n'est pas du type attendu"):
        inputs_from_json(stored | {"algorithm": "1"})
