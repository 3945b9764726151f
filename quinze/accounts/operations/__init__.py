"""Writes of accounts. Who (`by`) and when (`at`) are arguments; `by` is None for the command line only."""

from quinze.accounts.operations.account import create_account, deactivate, reactivate, reset_second_factor
from quinze.accounts.operations.announcement import announce, stop_announcement
from quinze.accounts.operations.delegate import DelegateAccount, welcome_delegate
from quinze.accounts.operations.derogation import record_derogation
from quinze.accounts.operations.duty import end_duty, start_duty
from quinze.accounts.operations.grant import grant_role, revoke_role
from quinze.accounts.operations.help_request import (
    Joined,
    add_to_help,
    answer_help,
    ask_help,
    forget_help,
    move_help,
    take_help,
)
from quinze.accounts.operations.identity import (
    IdentityLinked,
    IdentityUntied,
    follow_identifier,
    link_identity,
    open_own_account,
    remember_what_was_said,
    untie_identity,
)
from quinze.accounts.operations.invitation import Invitation, invite
from quinze.accounts.operations.platform import declare, declare_again, welcome
from quinze.accounts.operations.preferences import keep_sound, keep_welcomed
from quinze.accounts.operations.roster import AccountOfRegister, import_accounts, send_invitation
from quinze.accounts.operations.session import forget_sessions
from quinze.accounts.operations.terms import accept_terms, publish_terms

__all__ = [
    "AccountOfRegister",
    "DelegateAccount",
    "IdentityLinked",
    "IdentityUntied",
    "Invitation",
    "Joined",
    "accept_terms",
    "add_to_help",
    "announce",
    "answer_help",
    "ask_help",
    "create_account",
    "deactivate",
    "declare",
    "declare_again",
    "end_duty",
    "follow_identifier",
    "forget_help",
    "forget_sessions",
    "grant_role",
    "import_accounts",
    "invite",
    "keep_sound",
    "keep_welcomed",
    "link_identity",
    "move_help",
    "open_own_account",
    "publish_terms",
    "reactivate",
    "record_derogation",
    "remember_what_was_said",
    "reset_second_factor",
    "revoke_role",
    "send_invitation",
    "start_duty",
    "stop_announcement",
    "take_help",
    "untie_identity",
    "welcome",
    "welcome_delegate",
]
