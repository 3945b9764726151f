"""« Pourquoi pas le Dr X ? », for anyone of the directory."""

from dataclasses import dataclass, replace

from django.db.models import F

from quinze.availability.models import Audience, Slot
from quinze.directory.models import Place, Professional
from quinze.directory.models.offer import Sector
from quinze.directory.queries import participation
from quinze.orientation.models import RankingLog
from quinze.orientation.queries.fitting import misfit
from quinze.orientation.queries.inputs import origin_of
from quinze.orientation.queries.logs import WITHOUT_OFFER, ranking_from
from quinze.orientation.sentences import kilometres
from quinze.science.distance import haversine_km
from quinze.science.ranking import Candidate, Explanations, Proposal, Ranking, Reason, explain, run, stated_modalities

MOST_READ = 5


@dataclass(frozen=True, slots=True)
class WhyNot:
    professional_id: int
    name: str
    sentence: str
    reason: str  # code of the refusal; "ranked" when proposed
    rank: int | None = None
    level: int | None = None
    km: float | None = None
    higher: str = ""


def why_not(*, log: RankingLog, professional: Professional) -> WhyNot:
    ranking = ranking_from(log)
    words = explain(ranking)
    mine = [key for key, candidate in words.candidates.items() if candidate.practitioner == f"p{professional.pk}"]
    if not mine and professional.pk in log.inputs.get(WITHOUT_OFFER, ()):
        return _without_offer(log, ranking, professional)
    if not mine:
        return _outside(log, professional, sector=ranking.inputs.sector)
    placed = [key for key in mine if key in words.position]
    return _proposed(words, placed[0], professional) if placed else _refused(words, ranking, mine[0], professional)


def _proposed(words: Explanations, key: str, professional: Professional) -> WhyNot:
    level, proposal = _placed(words, key)
    best = words.candidates[proposal.candidate]
    return WhyNot(
        professional.pk,
        str(professional),
        words.why_not(proposal.candidate),
        "ranked",
        rank=proposal.rank,
        level=level,
        km=best.km,
        higher=words.higher(proposal.candidate),
    )


def _placed(words: Explanations, key: str) -> tuple[int, Proposal]:
    level, proposal = words.order[words.position[key]]
    return level.number, proposal


def _refused(words: Explanations, ranking: Ranking, key: str, professional: Professional) -> WhyNot:
    refusal = next(refusal for refusal in ranking.refusals if refusal.candidate == key)
    return WhyNot(
        professional.pk, str(professional), words.why_not(key), refusal.reason.value, km=words.candidates[key].km
    )


def _without_offer(log: RankingLog, ranking: Ranking, professional: Professional) -> WhyNot:
    """Taking part, with no seat and no overbooking: the ranking's own tests say which reason comes first."""
    km, part = _km(log, professional), participation(professional, log.request.sas, log.at)
    alone = Candidate(
        id=f"p{professional.pk}",
        label=str(professional),
        profession=professional.profession,
        specialty=professional.specialty,
        km=km,
        modalities=stated_modalities(
            visits=part is not None and part.accepts_visits, video=part is not None and part.accepts_teleconsultation
        ),
        languages=ranking.inputs.need.languages,
        wheelchair=True,
    )
    again = run(log.algorithm, replace(ranking.inputs, candidates=(alone,)))
    refused = _refused(explain(again), again, alone.id, professional)
    return _limited(refused, log, professional) if refused.reason == Reason.NO_SEAT else refused


def _limited(refused: WhyNot, log: RankingLog, professional: Professional) -> WhyNot:
    """Seats there are, but their doctor keeps them for others: said instead of "no seat"."""
    request = log.request
    free = Slot.objects.filter(professional=professional, status=Slot.Status.OPEN, taken__lt=F("capacity"))
    near = free.filter(starts_at__gte=log.at, starts_at__lte=request.deadline, modalities__overlap=request.modalities)
    near = near.exclude(sas_sees=None, audience=Audience.OWN)
    reasons = [misfit(slot, request=request, at=log.at) for slot in near.order_by("starts_at", "pk")[:MOST_READ]]
    first = next(filter(None, reasons), "")
    if not first:
        return refused
    words = f"écarté : {Reason.DOCTOR_RESTRICTION.words} : {first}"
    return replace(refused, sentence=words, reason=Reason.DOCTOR_RESTRICTION.value)


def _outside(log: RankingLog, professional: Professional, *, sector: str) -> WhyNot:
    """Not among the candidates of that search: said from the directory, in the order of the ranking's own tests."""
    km = _km(log, professional)
    reason, sentence = _why_outside(log, professional, km, sector)
    return WhyNot(professional.pk, str(professional), f"écarté : {sentence}", reason, km=km)


def _why_outside(log: RankingLog, professional: Professional, km: float | None, sector: str) -> tuple[str, str]:
    request = log.request
    same_specialty = request.specialty in ("", professional.specialty) or professional.specialty == ""
    if professional.profession != request.profession or not same_specialty:
        return "profession", "n’exerce pas la profession ou la spécialité demandée"
    if not Place.objects.filter(professional=professional, is_active=True).exists():
        return "no_place", "aucun lieu d’exercice actif dans l’annuaire"
    part = participation(professional, request.sas, log.at)
    if part is None:
        return "not_participating", "ne participe pas au SAS et ne montre aucune place publique avant l’échéance"
    if request.emergency_id is not None and not part.takes_reorientations:
        return "no_reorientation", "n’a pas déclaré accepter les personnes que les urgences réorientent"
    if sector and not Place.objects.filter(professional=professional, is_active=True, sector=sector).exists():
        return "sector", f"autre conventionnement que celui demandé, ou non connu ({Sector(sector).label})"
    return "too_far", _far_words(km)


def _far_words(km: float | None) -> str:
    if km is None:
        return "hors de la zone de recherche (distance inconnue)"
    return f"au-delà de la zone de recherche : {kilometres(km)} du patient"


def _km(log: RankingLog, professional: Professional) -> float | None:
    origin = origin_of(log.request)
    places = Place.objects.filter(professional=professional, is_active=True, lat__isnull=False)
    found = [(lat, lon) for lat, lon in places.values_list("lat", "lon") if lat is not None and lon is not None]
    if origin is None or not found:
        return None
    return min(round(haversine_km(origin.lat, origin.lon, to_latitude=lat, to_longitude=lon), 1) for lat, lon in found)
