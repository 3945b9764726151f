"""From what an editor offers to slots of our places: where each belongs, and one row for one time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC

from quinze.availability.models import EditorAgenda, OpeningRule
from quinze.availability.operations.editors import EditorSlot
from quinze.base.codes import fold
from quinze.directory.models import Place, Structure
from quinze.interop.editors.reading import AUDIENCES, WALKIN_SEATS, Offered, Where

Key = tuple[int, str]  # place, name of the slot
MOST_SEATS = 99
RANK = {audience: rank for rank, audience in enumerate(AUDIENCES)}


class Placing:
    """For the agendas of one question. Read at once: their places, and the CPTS that the slots name."""

    def __init__(self, agendas: Sequence[EditorAgenda], offered: Sequence[Offered]) -> None:
        self.agendas = {agenda.identifier: agenda for agenda in agendas}
        self.places: dict[int, list[Place]] = defaultdict(list)
        self.cpts = _cpts({number for each in offered for number in each.cpts})
        self.dropped: Counter[str] = Counter()
        self._read_places()
        self._found: dict[Key, EditorSlot] = {}
        self._answers: dict[tuple[str, Where], Place | None] = {}
        for each in offered:
            self._place(each)

    def of(self, agenda: EditorAgenda) -> dict[int, list[EditorSlot]]:
        """By place, as the answer leaves them; of the places that have some."""
        mine: dict[int, list[EditorSlot]] = defaultdict(list)
        keys = {place.pk for place in self.places[agenda.pk]}
        for (place, _), slot in self._found.items():
            if place in keys:
                mine[place].append(slot)
        return mine

    def _read_places(self) -> None:
        people = {agenda.professional_id: agenda.pk for agenda in self.agendas.values() if agenda.professional_id}
        bodies = {agenda.structure_id: agenda.pk for agenda in self.agendas.values() if agenda.structure_id}
        active = (
            Place.objects.filter(is_active=True).select_related("professional", "structure", "commune").order_by("pk")
        )
        for place in active.filter(professional__in=people):
            self.places[people[place.professional_id or 0]].append(place)
        for place in active.filter(structure__in=bodies, professional__isnull=True):
            self.places[bodies[place.structure_id or 0]].append(place)

    def _place(self, offered: Offered) -> None:
        place = self._where(offered.identifier, offered.where)
        cpts = {self.cpts[number] for number in offered.cpts if number in self.cpts}
        if place is None:
            self.dropped["place"] += 1
        elif offered.audience == "CPTS" and not cpts:
            self.dropped["cpts"] += 1
        else:
            self._keep(place, _slot(place, offered, cpts.pop() if len(cpts) == 1 else None))

    def _where(self, identifier: str, where: Where) -> Place | None:
        if (identifier, where) not in self._answers:
            found = match(where, self.places[self.agendas[identifier].pk])
            self._answers[identifier, where] = found
        return self._answers[identifier, where]

    def _keep(self, place: Place, slot: EditorSlot) -> None:
        """The same time twice: of a doctor, one slot said to two publics; of an association, two doctors."""
        key = (place.pk, slot.external_id)
        known = self._found.get(key)
        if known is None:
            self._found[key] = slot
            return
        best = min(known, slot, key=lambda each: RANK[each.audience])
        if place.professional_id is not None:
            self.dropped["twice"] += 1
            self._found[key] = best
        else:
            self._found[key] = replace(best, capacity=min(known.capacity + slot.capacity, MOST_SEATS))


def match(where: Where, places: Sequence[Place]) -> Place | None:
    """By the number of the structure or of the activity; else the one place of that town, by its street if several.

    None rather than a guess: a patient would be sent to the wrong town.
    """
    numbered = [place for place in places if where.numbers & _numbers(place)]
    if len(numbered) == 1:
        return numbered[0]
    in_town = [place for place in places if _same_town(where, place)]
    if len(in_town) > 1:
        in_town = [place for place in in_town if fold(place.address) == fold(where.line)]
    return in_town[0] if len(in_town) == 1 else None


def _numbers(place: Place) -> set[str]:
    found = {f"4{place.activity_id}", place.activity_id or ""} if place.activity_id else set()
    if place.structure and place.structure.finess:
        found |= {f"1{place.structure.finess}", place.structure.finess}
    if place.structure and place.structure.siret and place.professional_id:
        found |= {f"3{place.structure.siret}", place.structure.siret}
    return found - {""}


def _same_town(where: Where, place: Place) -> bool:
    commune = place.commune
    coded = where.postal_code in commune.postal_codes or where.postal_code == commune.insee
    return coded or (bool(where.city) and fold(where.city) == fold(commune.name))


def _cpts(numbers: Iterable[str]) -> dict[str, int]:
    bare = {number: number[1:] if number.startswith("1") and len(number) == 10 else number for number in numbers}
    if not bare:
        return {}
    found = Structure.objects.filter(kind="CPTS", finess__in=bare.values()).values_list("finess", "pk")
    known = {str(finess): pk for finess, pk in found}
    return {number: known[finess] for number, finess in bare.items() if finess in known}


def _slot(place: Place, offered: Offered, cpts: int | None) -> EditorSlot:
    """Named by its place and its hours, never by the editor's key: a key may be given anew at each answer, or to
    another hour, and somebody may be expected at the first. `cpts` None: none, or several.
    """
    minutes = round((offered.end - offered.start).total_seconds() / 60)
    return EditorSlot(
        external_id=f"{place.pk}@{offered.start.astimezone(UTC):%Y%m%dT%H%M%S}+{minutes}",
        start=offered.start,
        end=offered.end,
        audience=offered.audience,
        modalities=offered.modalities,
        capacity=WALKIN_SEATS if offered.is_walkin else 1,
        kind=OpeningRule.Kind.PLAGE if offered.is_walkin else OpeningRule.Kind.SLOTS,
        cpts_id=cpts if offered.audience == "CPTS" else None,
        specialties=_beyond(place, offered.specialties),
        reasons=offered.reasons,
        url=offered.url,
    )


def _beyond(place: Place, said: tuple[str, ...]) -> tuple[str, ...]:
    """Editors write the specialty of the doctor on each slot: it limits nothing then."""
    own = place.professional.specialty if place.professional else ""
    return () if not own or own in said else said
