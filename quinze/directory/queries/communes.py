import re
from datetime import datetime

from django.db.models import QuerySet

from quinze.accounts.models import Sas
from quinze.directory.models import Commune, SasCommune
from quinze.directory.names import commune_key
from quinze.directory.queries.parameters import parameter

SHORTEST = 2


def search_communes(text: str, *, sas: Sas | None = None, limit: int = 8) -> list[Commune]:
    """By the beginning of the name or of the postal code; communes covered by the SAS first, then the most peopled."""
    typed = commune_key(text)
    if len(typed) < SHORTEST:
        return []
    matching = _by_postal_code(typed) if typed.isdigit() else None
    own: list[Commune] = []
    if sas is not None:
        inside = _covered(sas) & matching if matching is not None else _by_any_word(_covered(sas), typed)
        own = _best_first(inside, typed, limit)
    if len(own) == limit:
        return own
    everywhere = matching if matching is not None else Commune.objects.filter(search_name__startswith=typed)
    others = everywhere.exclude(insee__in=[c.insee for c in own]).order_by("-population", "insee")
    return own + _exact_first(list(others[: limit - len(own)]), typed)


def _covered(sas: Sas) -> QuerySet[Commune]:
    return Commune.objects.filter(insee__in=SasCommune.objects.filter(sas=sas).values("commune_id"))


def _by_postal_code(digits: str) -> QuerySet[Commune]:
    if len(digits) >= 5:
        return Commune.objects.filter(postal_codes__contains=[digits])
    # A shorter beginning is looked for in the département it names: postal codes have no ordered index.
    codes = ["2A", "2B"] if digits.startswith("20") else [digits[: 3 if digits[:2] in ("97", "98") else 2]]
    return Commune.objects.filter(departement__in=codes).extra(
        where=["EXISTS (SELECT 1 FROM unnest(postal_codes) code WHERE code LIKE %s)"], params=[f"{digits}%"]
    )


def _by_any_word(communes: QuerySet[Commune], typed: str) -> QuerySet[Commune]:
    return communes.filter(search_name__regex=rf"\m{re.escape(typed)}")


def _best_first(communes: QuerySet[Commune], typed: str, limit: int) -> list[Commune]:
    found = sorted(communes, key=lambda c: (not c.search_name.startswith(typed), -(c.population or 0), c.insee))
    return _exact_first(found, typed)[:limit]


def _exact_first(communes: list[Commune], typed: str) -> list[Commune]:
    return sorted(communes, key=lambda c: c.search_name != typed)


def commune(insee: str) -> Commune | None:
    return Commune.objects.select_related("departement").filter(insee=insee).first()


def covered_communes(sas: Sas) -> QuerySet[SasCommune]:
    return SasCommune.objects.filter(sas=sas).select_related("commune__departement").order_by("commune__search_name")


def default_radius(sas: Sas, commune: Commune, at: datetime) -> float:
    """The SAS's choice for that département, else the SAS's choice, else the département's own radius."""
    by_departement: dict[str, float] = parameter(sas, "search_radius_by_departement", at)
    chosen = by_departement.get(commune.departement_id) or parameter(sas, "search_radius_km", at)
    return float(chosen or commune.departement.default_radius_km)
