"""The one written table of who may do what: role × capability. Views name a capability; a test walks every URL."""

from enum import StrEnum

from quinze.accounts.roles import Role


class Capability(StrEnum):
    OWN_ACCOUNT = "own_account"  # one's account, second factor, shift
    TAKE_CALL = "take_call"  # ARM desk: open and qualify a case file
    READ_CASE = "read_case"  # open a case file, its chronology and earlier contacts
    SEARCH_CASES = "search_cases"
    RED_FLAG = "red_flag"  # P0 from any desk
    REGULATE_AMU = "regulate_amu"  # claim and decide in the AMU stream
    REGULATE_SNP = "regulate_snp"
    ORIENT = "orient"  # OSNP desk: search, hold, book, follow up
    REORIENT = "reorient"  # IOA: the same search and booking, for the people of one's own emergency department
    READ_ACCESS_LOG = "read_access_log"  # who has read this file
    SEE_ROOM = "see_room"  # worklists of everyone
    READ_CHARTER = "read_charter"
    EDIT_CHARTER = "edit_charter"
    READ_DIRECTORY = "read_directory"
    EDIT_DIRECTORY = "edit_directory"
    EDIT_TERRITORY = "edit_territory"
    OWN_AVAILABILITY = "own_availability"  # effecteur pages, one's own or those of who consented
    OWN_PARTICIPATION = "own_participation"  # on which terms one takes part: never delegated
    MANAGE_STRUCTURE = "manage_structure"  # members, shared planning and duty turns of one's structures
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_INDICATORS = "read_indicators"
    RECRUIT = "recruit"  # who volunteers where, who agreed to be written to, campaigns
    READ_USE_BY_PERSON = "read_use_by_person"  # how each regulating doctor and each OSNP uses the orientation
    ANSWER_DISPUTES = "answer_disputes"  # what effecteurs contest of their own figures
    READ_ROSTER = "read_roster"  # who is expected when; one's own shifts and swaps
    EDIT_ROSTER = "edit_roster"  # shifts, people, publication, a post outside of the roster
    ANSWER_HELP = "answer_help"  # questions sent to one's role
    ANNOUNCE = "announce"  # a banner on every page of the SAS
    SEE_OUTBOX = "see_outbox"  # messages of the demonstration


R = Role  # short names keep the table readable
C = Capability
_ROOM = {
    C.OWN_ACCOUNT,
    C.READ_ROSTER,
    C.READ_CASE,
    C.SEARCH_CASES,
    C.RED_FLAG,
    C.READ_CHARTER,
    C.READ_DIRECTORY,
    C.SEE_OUTBOX,
}

CAPABILITIES: dict[R, frozenset[Capability]] = {
    R.ARM: frozenset(_ROOM | {C.TAKE_CALL}),
    R.ARM_COORDINATOR: frozenset(_ROOM | {C.TAKE_CALL, C.SEE_ROOM, C.EDIT_ROSTER}),
    R.SUPERVISOR: frozenset(
        _ROOM
        | {
            C.SEE_ROOM,
            C.READ_ACCESS_LOG,
            C.READ_INDICATORS,
            C.READ_USE_BY_PERSON,
            C.EDIT_ROSTER,
            C.ANNOUNCE,
            C.ANSWER_HELP,
        }
    ),
    R.OSNP: frozenset(_ROOM | {C.ORIENT}),
    R.REGULATEUR_AMU: frozenset(_ROOM | {C.REGULATE_AMU, C.READ_ACCESS_LOG}),
    R.REGULATEUR_SNP: frozenset(_ROOM | {C.REGULATE_SNP, C.READ_ACCESS_LOG}),
    R.EXPERT: frozenset({C.OWN_ACCOUNT, C.READ_CASE, C.READ_CHARTER, C.READ_DIRECTORY}),
    R.EFFECTEUR: frozenset({C.OWN_ACCOUNT, C.OWN_AVAILABILITY, C.OWN_PARTICIPATION, C.READ_CHARTER}),
    R.DELEGATAIRE: frozenset({C.OWN_ACCOUNT, C.OWN_AVAILABILITY, C.READ_CHARTER}),
    R.STRUCTURE_MANAGER: frozenset({C.OWN_ACCOUNT, C.READ_CHARTER, C.READ_DIRECTORY, C.MANAGE_STRUCTURE}),
    R.ACCOUNTS_MANAGER: frozenset(
        {C.OWN_ACCOUNT, C.READ_DIRECTORY, C.MANAGE_ACCOUNTS, C.RECRUIT, C.ANSWER_DISPUTES, C.ANSWER_HELP}
    ),
    R.REFERENT: frozenset(
        {
            C.OWN_ACCOUNT,
            C.READ_CHARTER,
            C.EDIT_CHARTER,
            C.READ_DIRECTORY,
            C.READ_INDICATORS,
            C.RECRUIT,
            C.ANSWER_DISPUTES,
            C.ANSWER_HELP,
        }
    ),
    R.IOA: frozenset({C.OWN_ACCOUNT, C.READ_CHARTER, C.READ_DIRECTORY, C.REORIENT}),
    R.INDICATOR_READER: frozenset({C.OWN_ACCOUNT, C.READ_CHARTER, C.READ_INDICATORS}),
    R.PLATFORM_REGULATOR: frozenset({C.OWN_ACCOUNT, C.READ_DIRECTORY}),  # and only in a session of the platform
    R.ADMINISTRATOR: frozenset(
        {
            C.OWN_ACCOUNT,
            C.READ_CHARTER,
            C.EDIT_CHARTER,
            C.READ_DIRECTORY,
            C.EDIT_DIRECTORY,
            C.EDIT_TERRITORY,
            C.MANAGE_ACCOUNTS,
            C.READ_ACCESS_LOG,
            C.SEE_ROOM,
            C.READ_INDICATORS,
            C.READ_USE_BY_PERSON,
            C.READ_ROSTER,
            C.EDIT_ROSTER,
            C.RECRUIT,
            C.ANSWER_DISPUTES,
            C.ANNOUNCE,
            C.ANSWER_HELP,
            C.SEE_OUTBOX,
        }
    ),
}


def may(role: str, capability: Capability) -> bool:
    return capability in CAPABILITIES[R(role)]
