"""What a person is told when a login by Pro Santé Connect does not end well. Nothing was opened, every time."""

from dataclasses import dataclass

from allauth.socialaccount.providers.oauth2.client import OAuth2Error

AGAIN = "Revenez à la connexion et recommencez."
NOT_FOR_US = (
    "La réponse reçue n’est pas celle que Quinze attendait : elle a été rejetée. Recommencez ; "
    "si cela se répète, prévenez votre gestionnaire de comptes en lui donnant ce mot : "
)


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    what_to_do: str
    status: int = 403


WORDS: dict[str, Words] = {
    "cancelled": Words("Vous avez renoncé à Pro Santé Connect.", AGAIN),
    "state": Words("Cette connexion a expiré ou a déjà servi.", AGAIN),
    "provider": Words("Pro Santé Connect n’a pas abouti.", AGAIN),
    "unreachable": Words(
        "Pro Santé Connect ne répond pas.", "Réessayez dans un moment, ou connectez-vous avec votre mot de passe.", 503
    ),
    "expired": Words("Cette connexion a expiré.", AGAIN),
    "clock": Words("Réponse non vérifiée.", f"{NOT_FOR_US}horloge."),
    "signature": Words("Réponse non vérifiée.", f"{NOT_FOR_US}signature."),
    "issuer": Words("Réponse non vérifiée.", f"{NOT_FOR_US}émetteur."),
    "audience": Words("Réponse non vérifiée.", f"{NOT_FOR_US}destinataire."),
    "nonce": Words("Réponse non vérifiée.", f"{NOT_FOR_US}nonce."),
    "userinfo": Words("Réponse non vérifiée.", f"{NOT_FOR_US}personne."),
    "level": Words(
        "Cette façon de vous identifier ne suffit pas.",
        "Identifiez-vous avec votre carte CPS ou votre application e-CPS.",
    ),
    "no_id": Words(
        "Pro Santé Connect n’a pas donné d’identifiant national.",
        "Connectez-vous avec votre mot de passe, ou demandez un compte au gestionnaire de comptes de votre SAS.",
    ),
    "platform_sas": Words(
        "L’adresse de la plateforme ne dit pas de quel SAS elle vient.",
        "Revenez à la plateforme nationale du SAS et recommencez depuis la recherche.",
    ),
    "withdrawn": Words(
        "La plateforme nationale du SAS ne vous habilite pas ici.",
        "Revenez à la plateforme et recommencez ; si cela se répète, prévenez votre gestionnaire de comptes.",
    ),
    "suspended": Words(
        "Votre compte Quinze est suspendu.",
        "Seul le gestionnaire de comptes de votre SAS peut le rouvrir : adressez-vous à lui.",
    ),
}


class PscRefused(OAuth2Error):  # type: ignore[misc]  # noqa: N818  (an answer, not a fault)
    """Something of the exchange is not as it must be; `code` names the sentence."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code

    @property
    def words(self) -> Words:
        return WORDS[self.code]
