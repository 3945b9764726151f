from django.db.models import F, Func, Value

from quinze.accounts.models import User
from quinze.accounts.roles import Role


def keep_sound(user: User, *, on: bool) -> None:
    """Of the person, not of the desk: several people sit at one in a day."""
    User.objects.filter(pk=user.pk).update(sound=on)


def keep_welcomed(user: User, role: Role) -> None:
    """For good. Added by PostgreSQL: two roles closed at once are both kept, one closed twice is there once."""
    added = Func(F("welcomed"), Value(role.value), function="array_append")
    User.objects.filter(pk=user.pk).exclude(welcomed__contains=[role.value]).update(welcomed=added)
