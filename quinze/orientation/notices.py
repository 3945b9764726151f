"""What Quinze writes to its own users, in French: who did or asks what, until when, and where to answer it.

No patient, no reason, no commune of a patient: whoever reads the message over a shoulder learns nothing of anybody's
health. What is to be decided is read after login, at the link.
"""

from dataclasses import dataclass

from quinze.orientation.letters import gsm

Letter = tuple[str, str]  # subject, body
HELLO, SIGNED = "Bonjour,\n\n", "\nQuinze, {sas}\n"
DELEGATION = {
    "asked": (
        "{who} demande à agir pour vous",
        (
            "{who} demande à agir pour vous : {scope}.\n"
            "Rien n’est ouvert avant votre accord. Acceptez, réduisez ou refusez :"
        ),
    ),
    "invited": (
        "{who} vous propose d’agir pour son compte",
        "{who} vous propose d’agir pour son compte : {scope}.\nAcceptez ou refusez :",
    ),
    "accepted": (
        "{who} a accepté la délégation",
        "{who} a accepté : {scope}.\nElle se retire en un appui, à tout moment :",
    ),
    "refused": (
        "{who} a refusé la délégation",
        "{who} a refusé la délégation : rien n’a été ouvert.\nVos délégations :",
    ),
    "changed": ("{who} a changé votre délégation", "Elle porte désormais sur : {scope}.\nVos délégations :"),
    "ended": ("{who} a mis fin à la délégation", "Elle est terminée dès maintenant.\nVos délégations :"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """« Un patient de plus ? », in the words of a message."""

    moment: str
    before: str  # the hour
    commune: str  # of the place where the doctor receives
    sas: str
    url: str


def delegation(kind: str, *, who: str, scope: str, sas: str, url: str) -> Letter:
    subject, body = DELEGATION[kind]
    fields = {"who": who, "scope": scope[:1].lower() + scope[1:]}
    return subject.format(**fields), HELLO + body.format(**fields) + f"\n{url}\n" + SIGNED.format(sas=sas)


def ask_by_email(asked: Asked) -> Letter:
    body = (
        f"Le {asked.sas} vous demande un patient de plus : {asked.moment}, à votre cabinet de {asked.commune}.\n"
        f"Répondez avant {asked.before}, en un appui ; ensuite le SAS demande à un autre :\n{asked.url}\n"
    )
    return f"Un patient de plus, {asked.moment} ?", HELLO + body + SIGNED.format(sas=asked.sas)


def ask_by_sms(asked: Asked) -> str:
    return gsm(f"{asked.sas} : un patient de plus, {asked.moment} ? Répondez avant {asked.before} : {asked.url}")


def contact(*, sas: str, url: str, confirmed: bool) -> Letter:
    """To somebody of the registry of volunteers, or who asked to be in it."""
    known = (
        "Vos coordonnées sont au registre de ceux que le SAS peut recontacter.\n"
        "Pour les relire, renouveler votre accord ou vous retirer :"
    )
    asked = (
        "Quelqu’un, vous sans doute, a donné cette adresse pour être recontacté par le SAS.\n"
        "Confirmez votre accord, ou retirez-vous, par ce lien. Sans confirmation, tout est effacé dans sept jours :"
    )
    subject = "Vos coordonnées au SAS" if confirmed else "Confirmez : être recontacté par le SAS"
    return subject, HELLO + (known if confirmed else asked) + f"\n{url}\n" + SIGNED.format(sas=sas)
