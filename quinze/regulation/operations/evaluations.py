from datetime import datetime

from quinze.accounts.actor import Actor
from quinze.base.errors import NotFound
from quinze.orientation.models import ReportReading
from quinze.orientation.operations.evaluating import acknowledge
from quinze.regulation import rules
from quinze.regulation.models import CaseFile
from quinze.regulation.operations.record import allow
from quinze.regulation.queries.evaluations import nurse_reports


def read_evaluation(case: CaseFile, *, by: Actor, at: datetime, report: str) -> ReportReading:
    """« J’ai lu », by any regulating doctor, who need not hold the file. `report`: the key the page sent."""
    allow(rules.can_regulate(by), "Seul un médecin régulateur note qu’il a lu une évaluation.")
    found = next((each for each in nurse_reports(case, by=by) if str(each.pk) == report), None)
    if found is None:
        raise NotFound("Cette évaluation n’est pas de ce dossier : rechargez la page.", code="not_found")
    return acknowledge(report=found, by=by, at=at)
