"""Tests hash passwords at no cost; the product does not."""

from django.contrib.auth.hashers import Argon2PasswordHasher

from quinze.config import settings as product
from tests.hashing import QuickArgon2


def test_the_product_hashes_by_argon2_at_the_cost_that_django_advises() -> None:
    assert product.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert (Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost) >= (2, 102_400)


def test_a_hash_of_the_product_is_read_in_the_tests_and_the_other_way_round() -> None:
    full, quick = Argon2PasswordHasher(), QuickArgon2()
    for made, read in ((full.encode("bleu", "selselsel"), quick), (quick.encode("bleu", "selselsel"), full)):
        assert read.verify("bleu", made)
        assert not read.verify("rouge", made)
