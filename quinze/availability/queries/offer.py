"""What is offered, and to whom."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, Q, QuerySet

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.availability.models import Absence, Audience, BusyTime, GenerationRun, OpeningRule, Slot
from quinze.availability.plan import Offer
from quinze.directory.models import Participation, Place, Professional


def free_slots(
    *,
    at: datetime,
    until: datetime,
    place_ids: Iterable[int] | None = None,
    professional_ids: Iterable[int] | None = None,
    audiences: Collection[str] | None = None,
    modalities: Collection[str] | None = None,
) -> QuerySet[Slot]:
    """With a seat left, earliest first. A slot not begun, or a plage still running."""
    ahead = Q(starts_at__gte=at) | Q(kind=OpeningRule.Kind.PLAGE, ends_at__gt=at)
    slots = Slot.objects.filter(ahead, status=Slot.Status.OPEN, taken__lt=F("capacity"), starts_at__lt=until)
    if place_ids is not None:
        slots = slots.filter(place__in=place_ids)
    if professional_ids is not None:
        slots = slots.filter(professional__in=professional_ids)
    if audiences is not None:
        slots = slots.filter(audience__in=audiences)
    if modalities is not None:
        slots = slots.filter(modalities__overlap=list(modalities))
    return slots.order_by("starts_at", "pk")


def seen_audiences(participation: Participation | None) -> tuple[str, ...]:
    """What the SAS sees of somebody's slots: nothing without a participation, the rest by opt-in."""
    if participation is None:
        return ()
    shown = [Audience.SNP, Audience.CPTS]
    shown += [Audience.PRO] if participation.shows_pro_slots else []
    shown += [Audience.PUBLIC] if participation.shows_public_slots else []
    return tuple(shown)


def shown_to_sas(participation: Participation | None) -> Q:
    """By their audience, or by the doctor's word on one slot; nothing without a participation."""
    by_audience = Q(audience__in=seen_audiences(participation), sas_sees__isnull=True)
    return by_audience | Q(sas_sees=True) if participation else Q(pk__in=[])


def professional_of(actor: Actor) -> Professional | None:
    return Professional.objects.filter(account=actor.user).first()


def participation_of(professional: Professional, *, sas: Sas, at: datetime) -> Participation | None:
    return professional.participations.filter(sas=sas, during__contains=at).select_related("via_structure").first()


def absent_between(
    professional_ids: Iterable[int], *, at: datetime, until: datetime
) -> dict[int, list[DateTimeTZRange]]:
    """Declared absences, whatever the place, by professional."""
    during = DateTimeTZRange(at, until, "[)")
    known = Absence.objects.filter(
        professional__in=professional_ids, withdrawn_at__isnull=True, place__isnull=True, during__overlap=during
    )
    found: dict[int, list[DateTimeTZRange]] = defaultdict(list)
    for professional_id, absence in known.order_by("during").values_list("professional_id", "during"):
        found[professional_id].append(absence)
    return dict(found)


def last_generation() -> GenerationRun | None:
    return GenerationRun.objects.order_by("-ran_at", "-pk").first()


def offer_of(place_ids: Iterable[int], *, at: datetime) -> Offer:
    """Rules and absences of these places and of all the places of their doctors."""
    doctors = Place.objects.filter(pk__in=list(place_ids), professional__isnull=False).values("professional")
    places = Place.objects.filter(Q(pk__in=list(place_ids)) | Q(professional__in=doctors))
    places = places.select_related("commune", "professional").order_by("pk")
    found = {place.pk: place for place in places}
    rules = OpeningRule.objects.filter(place__in=found, ended_at__isnull=True)
    ahead = Q(during__endswith__gt=at) | Q(during__upper_inf=True)
    return Offer(
        found,
        # Yesterday in UTC may still be today at the place.
        list(rules.exclude(valid_until__lt=at.date() - timedelta(days=1)).order_by("pk")),
        list(Absence.objects.filter(ahead, professional__in=doctors, withdrawn_at__isnull=True)),
        list(
            BusyTime.objects.filter(
                feed__professional__in=doctors, feed__ended_at__isnull=True, during__endswith__gt=at
            ).select_related("feed")
        ),
    )
