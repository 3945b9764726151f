"""What a file needs before a doctor reads it. A red flag needs none of it."""

from quinze.regulation.models import CaseFile

Lacking = dict[str, tuple[str, str]]


def missing(case: CaseFile) -> Lacking:
    """field → (what is missing, what to do)."""
    lacking: Lacking = {}
    if not case.callback_phone:
        lacking["callback_phone"] = (
            "numéro de rappel",
            "Le numéro de rappel manque : demandez-le avant de transmettre.",
        )
    if not (case.commune_id or case.commune_text or case.address):
        lacking["commune"] = ("lieu", "Le lieu manque : choisissez la commune, ou écrivez-le en toutes lettres.")
    if not (case.reason_code or case.reason_label):
        lacking["reason_label"] = ("motif", "Le motif manque : choisissez-le dans la liste, ou gardez le texte libre.")
    return lacking
