import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.base.errors import Refusal
from quinze.directory import identifiers
from tests.factories.directory import rpps


def refused(read, text):
    with pytest.raises(Refusal) as refusal:
        read(text)
    return refusal.value.code


@given(st.integers(min_value=0, max_value=9_999_999))
def test_one_wrong_digit_of_a_rpps_is_always_seen(number):
    good = rpps(number)
    assert identifiers.rpps(good) == good
    for rank, digit in enumerate(good):
        wrong = f"{good[:rank]}{(int(digit) + 1) % 10}{good[rank + 1 :]}"
        assert refused(identifiers.rpps, wrong) == "rpps_key"


@pytest.mark.parametrize("text", ["", "1000568134", "100056813400", "1000568134A", "10005681340'; --"])
def test_a_rpps_has_eleven_digits(text):
    assert refused(identifiers.rpps, text) == "rpps_shape"


def test_spaces_and_dots_are_how_people_write_numbers():
    assert identifiers.rpps(" 10 005 681.340 ") == "10005681340"
    assert identifiers.siret("356 000 000 00048") == "35600000000048"


@pytest.mark.parametrize("good", ["862600631", "2A2600631"])
def test_adeli(good):
    assert identifiers.adeli(good) == good


@pytest.mark.parametrize("bad", ["86260063", "8626006311", "2C2600631", "86A600631"])
def test_adeli_refused(bad):
    assert refused(identifiers.adeli, bad) == "adeli_shape"


def test_prefix_says_which_register():
    assert identifiers.idnps("810005681340") == identifiers.NationalId(rpps="10005681340")
    assert identifiers.idnps("0862600631") == identifiers.NationalId(adeli="862600631")
    assert identifiers.idnps("3620100057/70326SR") == identifiers.NationalId(idnps="3620100057/70326SR")
    assert refused(identifiers.idnps, "910005681340") == "idnps_shape"
    assert refused(identifiers.idnps, "810005681341") == "rpps_key"


def test_prefixed_is_read_back():
    assert identifiers.idnps(identifiers.prefixed(rpps="10005681340", adeli=None) or "").rpps == "10005681340"
    assert identifiers.prefixed(rpps=None, adeli="862600631") == "0862600631"
    assert identifiers.prefixed(rpps=None, adeli=None) is None


def test_finess_and_siret_keys():
    assert identifiers.finess("010000024") == "010000024"
    assert refused(identifiers.finess, "010000025") == "finess_key"
    assert identifiers.finess("2A0000154") == "2A0000154"  # no key is defined over a letter
    assert identifiers.siret("26010004500012") == "26010004500012"
    assert refused(identifiers.siret, "26010004500013") == "siret_key"
    assert refused(identifiers.siret, "123") == "siret_shape"
