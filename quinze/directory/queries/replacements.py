from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q, QuerySet

from quinze.accounts.models import RoleGrant, Sas
from quinze.directory.models import Place, Professional, SasCommune


def replaced_at(places: Iterable[int]) -> dict[int, Professional]:
    """Of places by number, whom the person who practises there replaces. One read."""
    found = Place.objects.filter(pk__in=set(places), replaces__isnull=False).select_related("replaces")
    return {place.pk: place.replaces for place in found if place.replaces}


def dated_places(sas: Sas, *, at: datetime) -> QuerySet[Place]:
    """Of replacements and newcomers of this SAS, not over yet, those that end first."""
    here = SasCommune.objects.filter(sas=sas).values("commune_id")
    ours = RoleGrant.objects.filter(sas=sas).values("user_id")
    found = Place.objects.filter(Q(commune__in=here) | Q(professional__account__in=ours), valid_from__isnull=False)
    found = found.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at), is_active=True)
    return found.select_related("professional", "replaces", "commune").order_by(
        F("valid_until").asc(nulls_last=True), "pk"
    )
