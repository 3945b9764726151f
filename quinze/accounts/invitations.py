"""The token of an invitation: void once used, once three days old, or once another was sent."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from quinze.accounts.models import AccountEvent, User


class InvitationToken(PasswordResetTokenGenerator):
    key_salt = "quinze.accounts.invitations"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        """Django's own (password, last login, e-mail), and the latest invitation."""
        latest = AccountEvent.objects.filter(user_id=user.pk, kind=AccountEvent.Kind.INVITED).order_by("-pk").first()
        return f"{super()._make_hash_value(user, timestamp)}{latest.pk if latest else ''}"


invitation_token = InvitationToken()
