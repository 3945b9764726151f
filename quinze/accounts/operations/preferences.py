from quinze.accounts.models import User


def keep_sound(user: User, *, on: bool) -> None:
    """Of the person, not of the desk: several people sit at one in a day."""
    User.objects.filter(pk=user.pk).update(sound=on)
