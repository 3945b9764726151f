"""Step 5: the ranking in words, for the OSNP, the doctor who asks, and the committee that audits."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from quinze.science.charter import Offer, OrderKey, Selector

from . import french
from .eligibility import has_seen
from .inputs import Candidate, RankingInputs
from .levels import LevelRule, radius_words, rules_of
from .ordering import comes_last, fairest_step
from .outcome import Detail, LevelOutcome, LevelState, Proposal, Ranking, Reason, Refusal

OFFER_WORDS = {
    Offer.SNP: "place dédiée au SAS",
    Offer.PRO: "place réservée aux professionnels",
    Offer.PUBLIC: "place ouverte au public",
    Offer.CPTS: "place réservée à la CPTS",
    Offer.OVERBOOKING: "surnuméraire",
    Offer.CONTACT: "contact par téléphone",
}
WHO_WORDS = {
    Selector.REFERRING_DOCTOR: "le médecin traitant",
    Selector.REFERRING_DOCTOR_STRUCTURE: "la structure du médecin traitant",
    Selector.CPTS_OF_PATIENT: "la CPTS du patient",
    Selector.CPTS_OF_PLACE: "la CPTS du lieu de la demande",
    Selector.PARTICIPANTS: "les participants au SAS",
    Selector.STRUCTURE_KIND: "les structures de ce type",
    Selector.PROFESSION: "cette profession",
    Selector.FILIERE: "cette filière",
    Selector.NOT_PARTICIPATING: "les non-participants à places publiques",
    Selector.TELECONSULTATION: "la téléconsultation",
    Selector.EMERGENCY_DEPARTMENT: "les services d'urgences",
}

# The charter names its first levels after the doctor: where a nurse is asked for, they designate the nurse.
NURSE_WHO_WORDS = {
    Selector.REFERRING_DOCTOR: "l'infirmier référent",
    Selector.REFERRING_DOCTOR_STRUCTURE: "la structure de l'infirmier référent",
}
NURSE_LEVEL_NAMES = {
    Selector.REFERRING_DOCTOR: "Infirmier référent",
    Selector.REFERRING_DOCTOR_STRUCTURE: "Même structure que l’infirmier référent",
}


def explain(ranking: Ranking, rules: tuple[LevelRule, ...] = ()) -> "Explanations":
    """`rules`: of its inputs, when they were made already."""
    return Explanations(ranking, rules)


def why_not(ranking: Ranking, candidate_id: str) -> str:
    return Explanations(ranking).why_not(candidate_id)


@dataclass(slots=True)
class _Head:
    """What is said of everyone of a level."""

    level: str
    name: str
    by_cpts: bool
    with_share: bool


@dataclass(slots=True)
class Explanations:
    ranking: Ranking
    rules: tuple[LevelRule, ...] = ()
    candidates: dict[str, Candidate] = field(init=False)
    order: list[tuple[LevelOutcome, Proposal]] = field(init=False)
    position: dict[str, int] = field(init=False)
    """Index in `order`, of other places as of the place shown."""
    refusals: dict[str, Refusal] = field(init=False)
    zone: ZoneInfo = field(init=False)
    heads: dict[int, "_Head"] = field(init=False)

    def __post_init__(self) -> None:
        inputs = self.ranking.inputs
        self.candidates = {candidate.id: candidate for candidate in inputs.candidates}
        self.order = list(self.ranking.placed())
        self.position = {place: index for index, (_, proposal) in enumerate(self.order) for place in _places(proposal)}
        self.refusals = {refusal.candidate: refusal for refusal in self.ranking.refusals}
        self.rules = self.rules or rules_of(inputs)
        self.zone = ZoneInfo(inputs.zone)
        self.heads = {rule.number: self._head(rule) for rule in self.rules}

    @property
    def inputs(self) -> RankingInputs:
        return self.ranking.inputs

    def sentence(self, candidate_id: str) -> str:
        """niveau 3, CPTS Sud Vienne, 4,2 km, libre à 14 h 20, sollicité 2 fois en 28 jours"""
        return ", ".join(self.reasons(candidate_id))

    def reasons(self, candidate_id: str) -> tuple[str, ...]:
        """The parts of the sentence."""
        level, proposal = self.order[self.position[candidate_id]]
        candidate = self.candidates[proposal.candidate]
        head = self.heads[level.number]
        parts = [
            head.level,
            (head.by_cpts and candidate.via) or head.name,
            french.distance(km=candidate.km, minutes=candidate.minutes),
            self._availability(candidate, proposal),
            "agenda non actualisé" if self._is_late(proposal) else "",
            self._solicitations(candidate, with_share=head.with_share),
            "a vu le patient depuis moins de 12 mois" if has_seen(candidate, self.ranking.inputs.need) else "",
        ]
        return tuple([part for part in parts if part])

    def _head(self, rule: LevelRule) -> "_Head":
        by_cpts = rule.level.who.selector in (Selector.CPTS_OF_PATIENT, Selector.CPTS_OF_PLACE)
        name = self.level_name(rule.number)
        return _Head(f"niveau {rule.number}", name, by_cpts=by_cpts, with_share=OrderKey.FAIREST in rule.order)

    def level_name(self, number: int) -> str:
        level = self.rules[number - 1].level
        return (NURSE_LEVEL_NAMES.get(level.who.selector) if self.inputs.need.for_nurse else None) or level.name

    def _who_words(self, selector: Selector) -> str:
        return (NURSE_WHO_WORDS.get(selector) if self.inputs.need.for_nurse else None) or WHO_WORDS[selector]

    def _availability(self, candidate: Candidate, proposal: Proposal) -> str:
        if proposal.start is not None:
            return f"libre {self._moment(proposal.start)}"
        if proposal.offer is Offer.OVERBOOKING:
            left = french.times(candidate.overbooking_left, "surnuméraire")
            return f"accepte encore {left}"
        return "à joindre par téléphone"

    def _solicitations(self, candidate: Candidate, *, with_share: bool) -> str:
        count = candidate.solicitations_28d
        words = f"sollicité {count} fois en 28 jours" if count else "pas sollicité en 28 jours"
        return f"{words} ({self._share(candidate)})" if with_share else words

    def _share(self, candidate: Candidate) -> str:
        """As the charter rounds it: two doctors shown equal are equal."""
        steps = self.inputs.charter.steps
        share = fairest_step(candidate, steps) * steps.fairest_hundredths / 100
        return f"{french.decimal(share, digits=2)} par place offerte"

    def _moment(self, instant: datetime) -> str:
        return french.moment(instant, seen_from=self.inputs.at, zone=self.zone)

    def higher(self, candidate_id: str) -> str:
        """What would have put it before the one just above; empty for the first."""
        index = self.position[candidate_id]
        if index == 0:
            return ""
        (level_above, above), (level, proposal) = self.order[index - 1], self.order[index]
        label = self.candidates[above.candidate].label
        if level_above.number != level.number:
            return self._missing_for(self.rules[level_above.number - 1], self.candidates[proposal.candidate])
        if self._is_late(proposal) and not self._is_late(above):
            return f"après {label} : son agenda n'est pas actualisé, ses places passent après les autres du niveau"
        order = self.rules[level.number - 1].order
        for key, theirs, own in zip(order, above.keys, proposal.keys, strict=True):
            if theirs != own:
                return f"après {label} : {self._difference(key, above, proposal)}"
        return f"à égalité avec {label}, départagés par le tirage reproductible de la demande"

    def _is_late(self, proposal: Proposal) -> bool:
        candidate = self.candidates[proposal.candidate]
        return candidate.stale_feed and comes_last(candidate, has_seats=bool(proposal.slots), inputs=self.inputs)

    def _difference(self, key: OrderKey, above: Proposal, proposal: Proposal) -> str:
        first, second = self.candidates[above.candidate], self.candidates[proposal.candidate]
        if key is OrderKey.EARLIEST:
            return f"il aurait fallu une place aussi tôt ({self._start(above)}, et non {self._start(proposal)})"
        if key is OrderKey.NEAREST:
            return f"il aurait fallu être aussi près ({_minutes(first)}, et non {_minutes(second)})"
        if key is OrderKey.FAIREST:
            return f"il aurait fallu avoir été aussi peu sollicité ({self._share(first)}, et non {self._share(second)})"
        return "il aurait fallu avoir vu le patient depuis moins de 12 mois"

    def _start(self, proposal: Proposal) -> str:
        return "aucune heure connue" if proposal.start is None else self._moment(proposal.start)

    def _missing_for(self, rule: LevelRule, candidate: Candidate) -> str:
        level = rule.level
        head = f"au niveau {rule.number} (« {self.level_name(rule.number)} »)"
        if not rule.designates(candidate):
            return f"{head} s'il faisait partie de : {self._who_words(level.who.selector)}"
        if not rule.needs_hold:
            return f"{head} si la demande remplissait les conditions de ce niveau"
        if not rule.reaches(candidate):
            return f"{head} s'il était à portée ({radius_words(self.inputs.charter, level)})"
        if not rule.in_calendar:
            return f"{head} aux jours et heures de ce niveau"
        offers = " ou ".join(sorted(OFFER_WORDS[offer] for offer in level.offer))
        return f"{head} avec une offre de ce type : {offers}"

    def why_not(self, candidate_id: str) -> str:
        """For anyone: the reason of the refusal, or the rank."""
        if candidate_id not in self.candidates:
            return "n'était pas parmi les candidats de cette recherche (hors de la zone de recherche ou non inscrit)"
        refusal = self.refusals.get(candidate_id)
        if refusal is not None:
            return self.refusal(refusal)
        level, proposal = self.order[self.position[candidate_id]]
        place = "sans rang à cette heure" if proposal.rank is None else f"rang {proposal.rank}"
        words = f"{place} : {self.sentence(candidate_id)}"
        if proposal.candidate != candidate_id:
            words = f"autre lieu du même praticien ; {words}"
        return words if level.state.is_open else f"{words} ; {self.level(level.number)}"

    def refusal(self, refusal: Refusal) -> str:
        candidate, inputs = self.candidates[refusal.candidate], self.inputs
        words = refusal.reason.words
        if refusal.detail is not Detail.NONE:
            words = f"{words} : {refusal.detail.words}"
        elif refusal.reason is Reason.NO_SEAT:
            words = f"{words} ({self._moment(inputs.need.deadline)})"
        elif refusal.reason is Reason.TOO_FAR:
            distance = french.distance(km=candidate.km, minutes=candidate.minutes) or "distance inconnue"
            words = f"{words} : {distance}"
        elif refusal.reason is Reason.ABSENT and candidate.absent_until is not None:
            words = f"{words}, retour {self._moment(candidate.absent_until)}"
        who = "infirmier référent" if inputs.need.for_nurse else "médecin traitant"
        return f"écarté : {words}{f' ; {who} : tentative à tracer' if refusal.referring else ''}"

    def level(self, number: int) -> str:
        """Why a level is open, greyed or empty."""
        outcome = self.ranking.levels[number - 1]
        parts = [self._opening_words(outcome)]
        if not outcome.proposals:
            parts.append(_emptiness(outcome))
        return f"niveau {number} {' ; '.join(parts)}"

    def _opening_words(self, outcome: LevelOutcome) -> str:
        if outcome.state is LevelState.OPEN:
            return "ouvert"
        if outcome.state is LevelState.OPENED_EARLY:
            return "ouvert par avance"
        when = "" if outcome.opens_at is None else self._moment(outcome.opens_at)
        if outcome.state is LevelState.CLOSED_BY_CALENDAR:
            return f"fermé à cette heure, ouvre {when or 'à la prochaine période prévue par la charte'}"
        if outcome.served_by is None:
            return f"fermé, ouvre {when}"
        hours = self.rules[outcome.number - 1].level.opens.unserved_hours
        unserved = f"si aucun niveau précédent ne peut répondre sous {hours} h (le niveau {outcome.served_by} le peut)"
        return f"fermé, ouvre {when} ou {unserved}" if when else f"fermé, ouvre {unserved}"


def _places(proposal: Proposal) -> Iterable[str]:
    return (proposal.candidate, *(other.candidate for other in proposal.others))


def _minutes(candidate: Candidate) -> str:
    return "distance inconnue" if candidate.minutes is None else f"{candidate.minutes} min"


def _emptiness(outcome: LevelOutcome) -> str:
    if not outcome.concerned:
        return "vide : la charte n'y désigne aucun des candidats"
    refused = [f"{count} : {reason.words}" for reason, count in outcome.refused]
    elsewhere = outcome.concerned - sum(count for _, count in outcome.refused)
    if elsewhere:
        refused.append(f"{elsewhere} : à un autre niveau")
    return f"vide : {french.times(outcome.concerned, 'candidat')} ({' ; '.join(refused)})"
