"""Whose file it is: HubSante.attribution, from who regulates which stream."""

from quinze.accounts.roles import Role

OPENED = "DR.DREG"
SAME_REQUEST = "D.D-MALV.ITERATIF"
EMERGENCY_STREAMS = ("AMU", "NEONAT", "PSY")

# What an ARM may close without a doctor: files that are no medical regulation, and calls that are no request.
CLOSING = (
    ("DR.DREG.DRARM", "Pas d’acte de régulation médicale, prise en charge ARM"),
    ("DR.DREG.DRMED", "Renseignement sur un médecin"),
    ("DR.DREG.DRPHARMA", "Renseignement sur une pharmacie"),
    ("DR.DREG.DRDENT", "Renseignement sur un dentiste"),
    ("DR.DREG.DRINFO", "Information générale"),
    ("DR.DREG.DRDAC", "Prise en charge DAC"),
    ("DR.DREG.DOS-SIS", "Appel pour les pompiers"),
    ("DR.DREG.DOS-FDO", "Appel pour les forces de l’ordre"),
    ("D.D-MALV.ERR", "Erreur de numéro ou d’acheminement"),
    ("D.D-MALV.NRP", "Appel raccroché, pas de réponse"),
    ("D.D-MALV.MALV", "Appel malveillant, canular"),
    ("D.D-MALV.FAX", "Tonalité de fax"),
    ("D.D-IDENT.ADMIN", "Appel administratif"),
    ("D.D-IDENT.PERSO", "Appel personnel"),
    ("D.D-IDENT.AUTRE", "Autre type d’appel"),
)


def regulated(*, role: str, stream: str, snp_doctor_on_duty: bool) -> str:
    """A liberal file regulated by an emergency doctor says whether the liberal one was busy or not there."""
    emergency_doctor = role == Role.REGULATEUR_AMU
    if stream in EMERGENCY_STREAMS:
        return "DRM.MRU.MU" if emergency_doctor else "DRM.MRU.INDISPMU"
    if not emergency_doctor:
        return "DRM.MRL.MG"
    return "DRM.MRL.INDISPMG" if snp_doctor_on_duty else "DRM.MRL.ABSML"
