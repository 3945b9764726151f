"""What was done, said to the doctor who asked for it."""

from quinze.availability.operations import Generation, PostedAbsence


def count(number: int, singular: str, plural: str) -> str:
    return f"{number} {plural if number > 1 else singular}"


def change(done: Generation) -> str:
    """« 9 créneaux ajoutés, 3 retirés. »"""
    made, kept = done.created + done.reopened, len(done.with_patients)
    parts = [
        made and count(made, "créneau ajouté", "créneaux ajoutés"),
        done.withdrawn and count(done.withdrawn, "créneau retiré", "créneaux retirés"),
        done.changed and count(done.changed, "créneau modifié", "créneaux modifiés"),
        kept and count(kept, "créneau retiré garde son rendez-vous", "créneaux retirés gardent leurs rendez-vous"),
        done.conflicts and count(done.conflicts, "heure déjà prise reste fermée", "heures déjà prises restent fermées"),
    ]
    said = ", ".join(str(part) for part in parts if part)
    return f"{said[:1].upper()}{said[1:]}." if said else "Aucun créneau ne change d’ici deux semaines."


def absence(posted: PostedAbsence) -> str:
    gone = count(posted.generation.withdrawn, "créneau sort", "créneaux sortent")
    return f"{gone} de la recherche du SAS."


def to_replace(posted: PostedAbsence) -> str:
    waiting = posted.seats_to_replace
    return f"{count(waiting, 'patient', 'patients')} à replacer : le SAS est prévenu." if waiting else ""
