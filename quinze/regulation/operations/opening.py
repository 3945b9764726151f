from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.base.at_once import AtOnce
from quinze.base.phones import as_presented, spoken
from quinze.directory.queries import parameter
from quinze.patients.operations import provisional
from quinze.regulation import numbering, rules
from quinze.regulation.models import CallContact, CaseFile
from quinze.regulation.operations.record import allow, telling
from quinze.regulation.operations.record import line as line_of


@transaction.atomic
def open_case(
    *, by: Actor, at: datetime, caller_number: str = "", caller_name: str = "", stream: str = "", line: str = ""
) -> CaseFile:
    """A file in one keystroke. Nothing said or shown by the network can prevent it."""
    allow(rules.can_qualify(by) or rules.can_regulate(by), "Seuls un ARM ou un médecin régulateur ouvrent un dossier.")
    number = as_presented(caller_number)
    case = CaseFile.objects.create(
        sas=by.sas,
        number=next_number(by.sas, at=at),
        opened_at=at,
        opened_by=by.user,
        patient=provisional(sas=by.sas, at=at),
        stream=stream,
        waiting_since=at,
        snp_deadline=at + timedelta(hours=parameter(by.sas, "snp_deadline_hours", at)),
        claimed_by=by.user,
        claimed_at=at,
        caller_name=caller_name.strip()[:120],
        caller_number=number,
        callback_phone=number if number.startswith("+") else "",
    )
    act = AtOnce("given AS (SELECT)")
    act.insert(
        CallContact(
            case_id=case.pk, direction=CallContact.Direction.IN, number=number, started_at=at, by_id=by.user.pk,
            outcome="answered",
        )
    )  # fmt: skip
    act.insert(line_of(case, by=by, at=at, kind="opened", text=_opened(number, line), number=number, line=line))
    act.publish(**telling(case, at=at))
    act.write()
    return case


def _opened(number: str, line: str) -> str:
    on_line = f" sur {line}" if line else ""
    return f"Appel{f' du {spoken(number)}' if number else ', numéro masqué'}{on_line}. Dossier ouvert."


def next_number(sas: Sas, *, at: datetime) -> str:
    """The next of the day. The row of the day stays locked until commit: no number twice, and none lost."""
    day = at.astimezone(ZoneInfo(sas.zone)).date()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO regulation_casesequence (sas_id, day, last) VALUES (%s, %s, 1) "
            "ON CONFLICT (sas_id, day) DO UPDATE SET last = regulation_casesequence.last + 1 RETURNING last",
            [sas.pk, day],
        )
        order = cursor.fetchone()[0]
    return numbering.national(sas_code=sas.code, samu_letter=sas.samu_letter, day=day, order=order)
