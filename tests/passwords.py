"""A password hasher for tests."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    """Argon2 at its lowest cost; stored passwords look like production's."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
