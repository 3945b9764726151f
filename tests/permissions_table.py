"""Who may open which page: the written table that test_permissions.py compares with the program.

Adding a page: one line in TABLE, `"folder:name": {roles}`. The roles are written out, or one of the sets below; never
computed from the capabilities, since this table is what checks them. A page open to all goes into PUBLIC, one that
asks a login but no post into SIGNED_IN.

An address with arguments is opened with SAMPLES[name] when it is there, otherwise with 0, "x"… by kind of argument:
who is not allowed must be refused before the argument is even read, so nothing has to exist. Write the guard
(`requires`…) above every other decorator.
"""

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from tests.factories import directory

R = Role

EVERYONE = set(R)
MANAGERS = {R.ACCOUNTS_MANAGER, R.ADMINISTRATOR}
ARMS = {R.ARM, R.ARM_COORDINATOR}
DOCTORS = {R.REGULATEUR_AMU, R.REGULATEUR_SNP}
ROOM = ARMS | DOCTORS | {R.SUPERVISOR, R.OSNP}  # those who handle case files
READERS_OF_CASES = ROOM | {R.EXPERT}
WRITERS = ARMS | DOCTORS | {R.OSNP}  # of the administrative parts of a file
WATCHERS = {R.ARM_COORDINATOR, R.SUPERVISOR, R.ADMINISTRATOR}  # of the whole room
EFFECTEURS = {R.EFFECTEUR, R.DELEGATAIRE}
READERS_OF_CHARTER = EVERYONE - {R.ACCOUNTS_MANAGER, R.PLATFORM_REGULATOR}
READERS_OF_DIRECTORY = READERS_OF_CASES | MANAGERS | {R.STRUCTURE_MANAGER, R.REFERENT, R.IOA, R.PLATFORM_REGULATOR}
READERS_OF_INDICATORS = {R.SUPERVISOR, R.REFERENT, R.INDICATOR_READER, R.ADMINISTRATOR}
EDITORS_OF_CHARTER = {R.REFERENT, R.ADMINISTRATOR}

PUBLIC = {
    "accounts:login",
    "accounts:code",
    "accounts:panel",
    "accounts:logout",
    "accounts:invitation",
    "accounts:psc_start",
    "accounts:psc_return",
    "accounts:psc_link",  # a national identity was proven in this session
    "accounts:psc_give_up",
    "directory:first_login",  # the same
    "orientation:appointment",  # the patient's signed link
    "orientation:stop_reminders",  # the patient's signed link
    "interop:calendar_published",  # the doctor's signed address, read by calendar programs
    "interop:fhir_metadata",  # machines: by their certificate, against the register of FHIR clients
    "interop:fhir_openapi",
    "interop:fhir_slots",
    "interop:fhir_schedules",
    "interop:fhir_root",
    "interop:fhir_practitioners",
    "interop:fhir_appointments",
    "interop:fhir_unknown",
    "interop:lrm_arrive",  # a regulation software of the register; the page it leads to asks a login
    "web:gallery",  # components, in the demonstration only
    "web:gallery_page",
    "web:gallery_mobile",
    "web:gallery_rows",
    "web:gallery_motifs",
    "web:gallery_draft",
    "web:gallery_toast",
}

SIGNED_IN = {
    "accounts:duty",
    "accounts:terms",
    "accounts:leave_post",
    "accounts:profile",
    "accounts:second_factor",
    "accounts:recovery_codes",
    "accounts:renew_codes",
    "accounts:resume",
}

TABLE: dict[str, set[R]] = {
    "accounts:home": EVERYONE,
    "accounts:list": MANAGERS,
    "accounts:new": MANAGERS,
    "accounts:terms_pending": MANAGERS,
    "accounts:import": MANAGERS,
    "accounts:import_confirm": MANAGERS,
    "accounts:import_model": MANAGERS,
    "accounts:export": MANAGERS,
    "accounts:account": MANAGERS,
    "accounts:grant": MANAGERS,
    "accounts:revoke": MANAGERS,
    "accounts:derogation": MANAGERS,
    "accounts:state": MANAGERS,
    "accounts:reset_factor": MANAGERS,
    "accounts:resend": MANAGERS,
    "accounts:untie": MANAGERS,
    "accounts:platform_list": MANAGERS,
    "accounts:platform_account": MANAGERS,
    "regulation:arm": ARMS,
    "regulation:open_case": ARMS,
    "regulation:arm_worklist": ARMS,
    "regulation:arm_case": ARMS,
    "regulation:arm_call": ARMS,
    "regulation:act": ARMS,
    "regulation:draft": ARMS | DOCTORS,
    "regulation:known": ARMS | DOCTORS,
    "regulation:red_flag": ROOM,
    "regulation:search": ROOM,
    "regulation:doctor": DOCTORS,
    "regulation:doctor_worklist": DOCTORS,
    "regulation:claim_next": DOCTORS,
    "regulation:doctor_next": DOCTORS,
    "regulation:doctor_p0": DOCTORS,
    "regulation:doctor_case": DOCTORS,
    "regulation:claim": DOCTORS,
    "regulation:doctor_draft": DOCTORS,
    "regulation:decide": DOCTORS,
    "regulation:doctor_part": DOCTORS,
    "regulation:doctor_act": DOCTORS,
    "regulation:make_letter": DOCTORS,
    "regulation:case": READERS_OF_CASES,
    "regulation:case_events": READERS_OF_CASES,
    "regulation:case_print": READERS_OF_CASES,
    "regulation:letter": READERS_OF_CASES,
    "regulation:accesses": DOCTORS | {R.SUPERVISOR, R.ADMINISTRATOR},
    "regulation:case_note": WRITERS,
    "regulation:reasons": WRITERS,
    "regulation:circumstances": WRITERS,
    "regulation:communes": WRITERS,
    "regulation:addresses": WRITERS,
    "regulation:doctors": WRITERS,
    "regulation:room": WATCHERS,
    "regulation:wall": WATCHERS,
    "regulation:room_live": WATCHERS,
    "regulation:wall_live": WATCHERS,
    "availability:rule_new": EFFECTEURS,
    "availability:rule_preview": EFFECTEURS,
    "availability:rule": EFFECTEURS,
    "availability:rule_end": EFFECTEURS,
    "availability:rule_restore": EFFECTEURS,
    "availability:seen": EFFECTEURS,
    "availability:slot_show": EFFECTEURS,
    "availability:absence": EFFECTEURS,
    "availability:absence_now": EFFECTEURS,
    "availability:absence_withdraw": EFFECTEURS,
    "availability:settings": {R.EFFECTEUR},
    "orientation:effecteur_today": EFFECTEURS,
    "orientation:effecteur_week": EFFECTEURS,
    "orientation:giving": EFFECTEURS,
    "orientation:giving_contest": {R.EFFECTEUR},
    "orientation:disputes": {R.ACCOUNTS_MANAGER, R.REFERENT, R.ADMINISTRATOR},
    "orientation:dispute_answer": {R.ACCOUNTS_MANAGER, R.REFERENT, R.ADMINISTRATOR},
    "orientation:effecteur_outcome": EFFECTEURS,
    "orientation:effecteur_cancel": EFFECTEURS,
    "orientation:effecteur_late": EFFECTEURS,
    "orientation:effecteur_correct": EFFECTEURS,
    "orientation:desk": {R.OSNP},
    "orientation:claim_next": {R.OSNP},
    "orientation:people": {R.OSNP},
    "orientation:request": {R.OSNP},
    "orientation:claim": {R.OSNP},
    "orientation:state": {R.OSNP},
    "orientation:changes": {R.OSNP},
    "orientation:bar": {R.OSNP},
    "orientation:search": {R.OSNP},
    "orientation:open_level": {R.OSNP},
    "orientation:why_not": {R.OSNP},
    "orientation:hold": {R.OSNP},
    "orientation:extend": {R.OSNP},
    "orientation:let_go": {R.OSNP},
    "orientation:confirm": {R.OSNP},
    "orientation:overbook": {R.OSNP},
    "orientation:address": {R.OSNP},
    "orientation:referring": {R.OSNP},
    "orientation:receive": {R.OSNP},
    "orientation:person": {R.OSNP},
    "orientation:red_flag": {R.OSNP},
    "orientation:give_back": {R.OSNP},
    "orientation:close": {R.OSNP},
    "orientation:release": {R.OSNP},
    "orientation:follow_up": {R.OSNP},
    "orientation:rescues": {R.OSNP},
    "orientation:rescue_call": {R.OSNP},
    "orientation:rescue_accept": {R.OSNP},
    "orientation:rescue_decline": {R.OSNP},
    "orientation:wish_earlier": {R.OSNP},
    "orientation:drop_duplicate": {R.OSNP},
    "orientation:ask_withdraw": {R.OSNP},
    "orientation:asks": EFFECTEURS,
    "orientation:ask_answer": EFFECTEURS,
    "orientation:send_again": {R.OSNP},
    "orientation:booking": {R.OSNP},
    "orientation:reminded": {R.OSNP},
    "orientation:outcome": {R.OSNP},
    "orientation:cancel": {R.OSNP},
    "orientation:move": {R.OSNP},
    "orientation:told": {R.OSNP},
    "orientation:doctor_told": {R.OSNP},
    "interop:calendars": EFFECTEURS,
    "interop:calendar_end": EFFECTEURS,
    "interop:calendar_read": EFFECTEURS,
    "interop:calendar_link_renew": {R.EFFECTEUR},
    "interop:calendar_link_content": {R.EFFECTEUR},
    "interop:calendar_link_end": {R.EFFECTEUR},
    "interop:lrm_call": {R.OSNP},
    "interop:received": {R.OSNP},
    "interop:received_one": {R.OSNP},
    "interop:received_aside": {R.OSNP},
    "interop:declared": WATCHERS,
    "interop:declare_again": WATCHERS,
    "interop:declare_all_again": WATCHERS,
    "interop:rdv": {R.OSNP},
    "interop:rdv_one": {R.OSNP},
    "interop:rdv_join": {R.OSNP},
    "interop:rdv_none": {R.OSNP},
    "interop:outbox": ROOM | {R.ADMINISTRATOR},
    "interop:editors": READERS_OF_INDICATORS,
    "interop:editor_accounts": MANAGERS,
    "orientation:equity": READERS_OF_INDICATORS,
    "orientation:equity_export": READERS_OF_INDICATORS,
    "staffing:home": READERS_OF_INDICATORS,
    "staffing:study": READERS_OF_INDICATORS,
    "staffing:drawing": READERS_OF_INDICATORS,
    "staffing:export": READERS_OF_INDICATORS,
    "orientation:charter": READERS_OF_CHARTER,
    "orientation:charter_version": READERS_OF_CHARTER,
    "orientation:charter_edit": EDITORS_OF_CHARTER,
    "orientation:charter_start": EDITORS_OF_CHARTER,
    "orientation:charter_discard": EDITORS_OF_CHARTER,
    "orientation:charter_replay": EDITORS_OF_CHARTER,
    "directory:enrolments": MANAGERS,
    "directory:enrolment_answer": MANAGERS,
    "directory:list": READERS_OF_DIRECTORY,
    "directory:professional": READERS_OF_DIRECTORY,
    "directory:structure": READERS_OF_DIRECTORY,
    "directory:professional_new": {R.ADMINISTRATOR},
    "directory:professional_edit": {R.ADMINISTRATOR},
    "directory:membership_new": {R.ADMINISTRATOR},
    "directory:membership_end": {R.ADMINISTRATOR},
    "directory:structure_new": {R.ADMINISTRATOR},
    "directory:structure_edit": {R.ADMINISTRATOR},
    "directory:place_new": {R.ADMINISTRATOR},
    "directory:participation": {R.ADMINISTRATOR},
    "directory:participation_end": {R.ADMINISTRATOR},
    "directory:place_edit": {R.ADMINISTRATOR},
    "directory:place_close": {R.ADMINISTRATOR},
    "orientation:structure_week": {R.STRUCTURE_MANAGER},
    "orientation:duty_turns": {R.STRUCTURE_MANAGER},
    "orientation:duty_end": {R.STRUCTURE_MANAGER},
    "directory:newcomers": MANAGERS,
    "directory:newcomer": MANAGERS,
    "directory:newcomer_people": MANAGERS,
    "availability:structure_openings": {R.STRUCTURE_MANAGER},
    "availability:structure_opening_end": {R.STRUCTURE_MANAGER},
    "directory:managed_terms": {R.STRUCTURE_MANAGER},
    "directory:managed_place": {R.STRUCTURE_MANAGER},
    "directory:managed_list": {R.STRUCTURE_MANAGER},
    "directory:managed": {R.STRUCTURE_MANAGER},
    "directory:managed_people": {R.STRUCTURE_MANAGER},
    "directory:manager_name": MANAGERS,
    "directory:manager_remove": MANAGERS,
    "directory:my_structures": {R.EFFECTEUR},
    "directory:structures_to_join": {R.EFFECTEUR},
    "directory:membership_accept": {R.EFFECTEUR, R.STRUCTURE_MANAGER},
    "directory:membership_refuse": {R.EFFECTEUR, R.STRUCTURE_MANAGER},
    "directory:membership_leave": {R.EFFECTEUR, R.STRUCTURE_MANAGER},
    "directory:delegations": EFFECTEURS,
    "directory:delegation_new": EFFECTEURS,
    "directory:delegation_doctors": EFFECTEURS,
    "directory:delegation": EFFECTEURS,
    "directory:delegation_accept": EFFECTEURS,
    "directory:delegation_refuse": EFFECTEURS,
    "directory:delegation_end": EFFECTEURS,
    "directory:delegation_act": EFFECTEURS,
    "directory:territory": READERS_OF_DIRECTORY,
    "directory:sas": {R.ADMINISTRATOR},
    "directory:communes": READERS_OF_DIRECTORY,
    "directory:commune_new": {R.ADMINISTRATOR},
    "directory:departement_new": {R.ADMINISTRATOR},
    "directory:commune_remove": {R.ADMINISTRATOR},
    "directory:hours": {R.ADMINISTRATOR},
    "directory:exception": {R.ADMINISTRATOR},
    "directory:exception_clear": {R.ADMINISTRATOR},
    "directory:number_new": {R.ADMINISTRATOR},
    "directory:number_remove": {R.ADMINISTRATOR},
    "directory:neighbour_new": {R.ADMINISTRATOR},
    "directory:neighbour_remove": {R.ADMINISTRATOR},
    "directory:parameter": READERS_OF_DIRECTORY,
    "directory:parameter_set": {R.ADMINISTRATOR},
}

SAMPLES: dict[str, dict[str, object]] = {
    f"directory:{name}": {"kind": "professionnels", "pk": 0}
    for name in ("place_new", "participation", "participation_end")
}


def settle(actor: Actor) -> None:
    """What a role needs beside its capability: a professional of the directory, one's own or one who consented."""
    if actor.role == R.EFFECTEUR:
        directory.professional(account=actor.user)
    if actor.role == R.DELEGATAIRE:
        directory.delegation(directory.professional(), actor)
