"""What a contextual call means here: a commune, a specialty of the list, a doctor of the directory."""

from dataclasses import dataclass

from quinze.accounts.models import Sas
from quinze.base.codes import code_list, find, fold
from quinze.directory.models import Commune, Professional
from quinze.directory.queries import commune, professional_by_national_id, search_communes, search_referring_doctor
from quinze.interop.lrm.contract import Call

USUAL = "SM54"
MOST, SHORTEST = 20, 3
NOT_SAID = "Le médecin traitant n’a pas été renseigné par le logiciel de régulation."
NOT_FOUND = "Le médecin traitant renseigné par le logiciel de régulation n’a pas pu être identifié."
NO_PLACE = "L’adresse du logiciel de régulation n’a pas de commune connue : choisissez-la."
NO_SPECIALTY = "La spécialité du logiciel de régulation n’est pas de la liste : médecine générale est proposée."


@dataclass(frozen=True, slots=True)
class Understood:
    """`doctors`: one, when identified; several, when a person must choose. `notes`: what could not be read."""

    commune: Commune | None
    specialty: str
    doctors: list[Professional]
    notes: list[str]


def understood(call: Call, *, sas: Sas) -> Understood:
    where, specialty, notes = _commune(call, sas), _specialty(call), []
    doctors = _doctors(call, where)
    if where is None:
        notes.append(NO_PLACE)
    if not specialty:
        notes.append(NO_SPECIALTY)
    if len(doctors) != 1:
        notes.append(NOT_FOUND if call.practitioner else NOT_SAID)
    return Understood(where, specialty or USUAL, doctors, notes)


def _commune(call: Call, sas: Sas) -> Commune | None:
    if call.inseecode and (found := commune(call.inseecode)):
        return found
    named = search_communes(call.city, sas=sas) if call.city else []
    same = [each for each in named if fold(each.name) == fold(call.city)]
    return same[0] if len(same) == 1 else None


def _specialty(call: Call) -> str:
    """Nothing said is general practice; something that the list has not is empty."""
    if not call.specialty:
        return USUAL
    if call.specialty_code:
        return call.specialty_code if find("specialties", call.specialty_code) else ""
    said = fold(call.specialty).removeprefix("consultation de ").removeprefix("consultation d ")
    same = [one.code for one in code_list("specialties") if fold(one.label) == said]
    return same[0] if same else USUAL if "medecine generale" in said else ""


def _doctors(call: Call, where: Commune | None) -> list[Professional]:
    if call.national_id:
        found = professional_by_national_id(call.national_id)
        return [found] if found else []
    name = call.doctor_name.removeprefix("Dr ").removeprefix("Docteur ")
    near = (where.lat, where.lon) if where and where.lat is not None and where.lon is not None else None
    if len(name) < SHORTEST:
        return []
    return search_referring_doctor(name, near=near, limit=MOST) or search_referring_doctor(name, limit=MOST)
