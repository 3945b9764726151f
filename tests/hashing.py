from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """The algorithm of the product at a cost that nobody would choose: a quarter of a second each, otherwise."""

    time_cost, memory_cost, parallelism = 1, 8, 1
