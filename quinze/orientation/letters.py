"""What patients and doctors receive. No symptom, no reason, no name of the patient in a text message."""

from dataclasses import dataclass

SMS_LENGTH = 160
GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
REPLACED = str.maketrans(
    {"’": "'", "‘": "'", "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u202f": " ", "œ": "oe",
     "â": "a", "ê": "e", "ë": "e", "î": "i", "ï": "i", "ô": "o", "û": "u", "ç": "c", "À": "A", "È": "E", "Ê": "E",
     "Â": "A", "Î": "I", "Ô": "O", "Û": "U", "ÿ": "y", "Œ": "OE", "Ë": "E", "Ï": "I", "Ù": "U"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a message may say of an appointment."""

    who: str
    moment: str  # mar. 17 nov. à 14 h 20
    address: str
    commune: str
    phone: str
    modality: str
    instruction: str
    sas: str
    cancel_url: str
    reference: str

    @property
    def where(self) -> str:
        if self.modality == "VR":
            return "en téléconsultation"
        if self.modality == "HH":
            return "à votre domicile"
        return ", ".join(part for part in (self.address, self.commune) if part)


def gsm(text: str) -> str:
    """The alphabet that keeps 160 characters in one message: what it lacks is written otherwise."""
    return "".join(c if c in GSM_7 else "?" for c in text.translate(REPLACED))


def _fits(*choices: str) -> str:
    """The first, most complete wording that holds in one message; the shortest when none does."""
    written = [gsm(choice) for choice in choices]
    return next((text for text in written if len(text) <= SMS_LENGTH), written[-1])


def confirmation_sms(rdv: Appointment) -> str:
    cancel = f"Annuler : {rdv.cancel_url}"
    return _fits(
        f"RDV {rdv.who}, {rdv.moment}, {rdv.where}. {cancel}",
        f"RDV {rdv.who}, {rdv.moment}, {rdv.commune}. {cancel}",
        f"RDV {rdv.moment}, {rdv.who}. {cancel}",
        f"RDV {rdv.moment}. {cancel}",
    )


def confirmation_email(rdv: Appointment) -> tuple[str, str]:
    phone = f"Téléphone du cabinet : {rdv.phone}\n" if rdv.phone else ""
    body = (
        f"Bonjour,\n\nUn rendez-vous a été pris pour vous par le {rdv.sas} :\n\n"
        f"{rdv.who}\n{rdv.moment}\n{rdv.where}\n{phone}\n"
        "Vous ne venez pas ? Annulez ici, sans compte, pour rendre la place à quelqu’un d’autre :\n"
        f"{rdv.cancel_url}\n\n"
        "Si votre état s’aggrave, appelez le 15.\n"
    )
    return f"Votre rendez-vous : {rdv.moment}", body


def reminder_sms(rdv: Appointment) -> str:
    return _fits(
        f"Rappel : RDV {rdv.who}, {rdv.moment}, {rdv.where}. Empêché ? {rdv.cancel_url}",
        f"Rappel : RDV {rdv.moment}, {rdv.who}. Empêché ? {rdv.cancel_url}",
        f"Rappel : RDV {rdv.moment}. Empêché ? {rdv.cancel_url}",
    )


def reminder_email(rdv: Appointment) -> tuple[str, str]:
    body = (
        f"Bonjour,\n\nNous vous rappelons votre rendez-vous :\n\n{rdv.who}\n{rdv.moment}\n{rdv.where}\n\n"
        f"Vous ne venez pas ? Annulez ici : {rdv.cancel_url}\n"
    )
    return f"Rappel de votre rendez-vous : {rdv.moment}", body


def cancellation_sms(rdv: Appointment) -> str:
    return _fits(f"Votre RDV {rdv.who}, {rdv.moment}, est annulé. Le {rdv.sas} vous rappelle si besoin.")


def cancellation_email(rdv: Appointment) -> tuple[str, str]:
    body = (
        f"Bonjour,\n\nVotre rendez-vous est annulé :\n\n{rdv.who}\n{rdv.moment}\n\n"
        f"Si vous avez encore besoin d’un médecin, rappelez le {rdv.sas}.\nSi votre état s’aggrave, appelez le 15.\n"
    )
    return f"Rendez-vous annulé : {rdv.moment}", body


def doctor_notice(rdv: Appointment) -> tuple[str, str]:
    instruction = "Une consigne du médecin régulateur vous attend sur votre page.\n" if rdv.instruction else ""
    body = (
        f"Bonjour,\n\nLe {rdv.sas} vous adresse un patient : {rdv.moment}, {rdv.where}.\nRéférence : {rdv.reference}\n"
        f"{instruction}\nSon identité et l’issue du rendez-vous se trouvent sur votre page effecteur.\n"
    )
    return f"Patient adressé par le {rdv.sas} : {rdv.moment}", body


def doctor_cancellation(rdv: Appointment) -> tuple[str, str]:
    body = f"Bonjour,\n\nLe rendez-vous {rdv.reference} du {rdv.moment} est annulé : la place est de nouveau libre.\n"
    return f"Rendez-vous annulé : {rdv.moment}", body
