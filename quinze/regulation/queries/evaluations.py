"""The evaluations that nurses wrote for a file."""

from quinze.accounts.actor import Actor
from quinze.orientation.models import NurseReport
from quinze.orientation.queries.evaluations import reports_of
from quinze.regulation import rules
from quinze.regulation.models import CaseFile
from quinze.regulation.queries.cases import check_owner, family_numbers


def nurse_reports(case: CaseFile, *, by: Actor) -> list[NurseReport]:
    """Newest first, those of joined files included; none for an OSNP (REG-04)."""
    check_owner(case, by=by)
    return reports_of(family_numbers(case.pk)) if rules.sees_interrogation(by) else []
