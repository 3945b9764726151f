"""What an OSNP reads of a chronology: what happened, never what was asked or found (REG-04)."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q

from quinze.regulation import decisions as natures
from quinze.regulation.models import CaseEvent, Decision

INTERROGATION = ("reason", "medical")
ASKING = ("arm", "arm_coordinator", "regulateur_amu", "regulateur_snp")
# Of lines that come with their `section`.
HIDDEN = Q(kind="section", section__in=INTERROGATION) | Q(kind__in=["handed_over", "letter"])
HIDDEN |= Q(kind="note", role__in=ASKING)

# Lines whose reason is in somebody's own words: the fact stays, the words go.
SHORT = {
    "callback": "À rappeler.",
    "closed": "Dossier clos.",
    "dismissed": "Dossier semblable écarté.",
    "merged_into": "Joint à un autre dossier.",
    "red_flag": "P0 : urgence vitale signalée.",
    "red_flag_withdrawn": "P0 retiré.",
    "redirected": "Redirigé vers une autre filière.",
    "orientation.withdrawn": "Demande d’orientation retirée.",
    "orientation.evaluated": "Évaluation de l’infirmier écrite, rendue au médecin.",
}


def shortened(lines: list[CaseEvent]) -> list[CaseEvent]:
    """Lines without those that are HIDDEN, in their words for an OSNP."""
    decided = _orientations(lines)
    for line in lines:
        if line.kind == "decision":
            line.text = decided.get(line.data.get("decision"), _nature(line))
        else:
            line.text = _shortened(line)
    return lines


def _shortened(line: CaseEvent) -> str:
    if line.kind == "merged":
        return f"Dossier {line.data.get('number', '')} joint à celui-ci."
    if line.kind == "redirected" and line.data.get("stream"):
        return f"Redirigé vers {line.data['stream']}."
    if line.kind == "reopened":  # « Dossier rouvert : … », « Réévaluation demandée : … »
        return f"{line.text.partition(' :')[0].rstrip('.')}."
    return SHORT.get(line.kind, line.text)


def _orientations(lines: Iterable[CaseEvent]) -> dict[int, str]:
    """Where the person is sent, without the doctor's words: those for the OSNP are on the request itself."""
    keys = [line.data["decision"] for line in lines if line.kind == "decision" and "decision" in line.data]
    made = Decision.objects.filter(pk__in=keys, nature=Decision.Nature.ORIENTATION)
    return {decision.pk: _without_words(decision) for decision in made}


def _without_words(decision: Decision) -> str:
    details = natures.parse(decision.nature, decision.details)
    if not isinstance(details, natures.Orientation):
        return ""
    return replace(details, instruction="", care="", evaluate="").sentence()


def _nature(line: CaseEvent) -> str:
    nature = line.data.get("nature", "")
    known = dict(Decision.Nature.choices)
    return f"Décision : {known[nature].lower()}." if nature in known else "Décision médicale."
