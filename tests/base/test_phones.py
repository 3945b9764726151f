import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.base.errors import Refusal
from quinze.base.phones import as_presented, normalise


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("06 39 98 41 27", "+33639984127"),
        ("0033 6 39 98 41 27", "+33639984127"),
        ("+32 2 555 12 12", "+3225551212"),
        ("02.62.12.34.56", "+33262123456"),
        ("  ", ""),
    ],
)
def test_a_number_is_kept_in_e164(said: str, kept: str) -> None:
    assert normalise(said) == kept


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("06 39 98 41 2", "Il manque un chiffre : 9 saisis, 10 attendus."),
        ("06 39 98", "Il manque 4 chiffres : 6 saisis, 10 attendus."),
        ("06 39 98 41 27 5", "Il y a trop de chiffres : 11 saisis, 10 attendus."),
        ("son fils", "Ce n’est pas un numéro de téléphone. Exemple : 06 39 98 41 27."),
    ],
)
def test_what_is_wrong_is_said(said: str, message: str) -> None:
    with pytest.raises(Refusal) as refused:
        normalise(said, field="callback_phone")
    assert (refused.value.message, refused.value.field) == (message, "callback_phone")


@given(st.text(max_size=60))
def test_what_the_network_shows_never_blocks(text: str) -> None:
    assert len(as_presented(text)) <= 20


@given(st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
