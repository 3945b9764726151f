"""What a provider says is read with limits, whatever it says."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.accounts.psc import identity, tokens
from quinze.accounts.psc.refusals import WORDS, PscRefused
from tests.accounts import psc_peers as psc

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=8,
)
CLAIMS = st.fixed_dictionaries(
    {"SubjectNameID": st.from_regex(r"\A8[0-9]{11}\Z")},
    optional={
        "family_name": ANYTHING,
        "given_name": ANYTHING,
        "SubjectRefPro": ANYTHING
        | st.fixed_dictionaries(
            {
                "exercices": ANYTHING
                | st.lists(
                    st.fixed_dictionaries(
                        {"codeProfession": ANYTHING, "codeCiviliteDexercice": ANYTHING, "activities": ANYTHING}
                    ),
                    max_size=30,
                )
            }
        ),
    },
)


@settings(max_examples=50, deadline=None)
@given(claims=CLAIMS)
def test_odd_claims_are_left_out_and_what_is_kept_reads_the_same(claims):
    person = identity.read(claims, level="eidas1")
    assert identity.read(person.said, level="eidas1") == person
    assert len(person.practices) <= identity.MOST_PRACTICES
    assert len(person.family_name) <= 80
    assert all(len(line) < 1000 for line in person.practice_words)


@settings(max_examples=50, deadline=None)
@given(subject=ANYTHING | st.from_regex(r"[0-9A-Za-z/._\-]{4,42}"))
def test_an_identifier_is_a_short_plain_word_or_nobody(subject):
    claims = {"SubjectNameID": subject}
    if isinstance(subject, str) and re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z/._-]{5,39}", subject):
        assert identity.read(claims, level="eidas1").subject == subject
    else:
        with pytest.raises(PscRefused, match="no_id"):
            identity.read(claims, level="eidas1")


@settings(max_examples=50, deadline=None)
@given(token=ANYTHING, keys=ANYTHING)
def test_what_is_no_token_is_refused_and_never_a_fault(token, keys):
    with pytest.raises(PscRefused):
        tokens.verified(token, keys=keys, issuer="https://x.invalid", client_id="x")


def test_a_real_shape_is_read_whole():
    person = identity.read(
        {"SubjectNameID": psc.ROSE.subject, **psc.ROSE.claims, "email": "nul@exemple.invalid"}, level="eidas1"
    )
    assert person.name == "Dr Rose Aubépine"
    assert person.practice_words == ["Médecin, Médecine générale : CABINET DES ESSENCES, 1 R DES ESSENCES, 86000"]
    assert "email" not in person.said


def test_an_unknown_code_is_shown_as_it_is():
    person = identity.read(
        {"SubjectNameID": "899700000013", "SubjectRefPro": {"exercices": [{"codeProfession": "ZZ"}]}}, level="eidas1"
    )
    assert person.practice_words == ["ZZ"]


def test_every_refusal_says_what_to_do():
    assert all(words.title.endswith(".") and words.what_to_do.endswith(".") for words in WORDS.values())
