"""What PostgreSQL refuses about accounts, in French."""

from quinze.base.constraints import register

register(
    {
        "accounts_user_email_key": ("Un compte existe déjà avec cette adresse e-mail.", "email"),
        "user_email_any_case_unique": ("Un compte existe déjà avec cette adresse e-mail.", "email"),
        "role_granted_once_at_a_time": "Cette personne a déjà ce rôle sur cette période : changez les dates.",
        "accounts_nationalidentity_subject_key": (
            "Cet identifiant Pro Santé Connect est déjà rattaché à un compte. Recommencez la connexion."
        ),
        "accounts_nationalidentity_user_id_key": (
            "Ce compte est déjà rattaché à un autre identifiant Pro Santé Connect : "
            "voyez votre gestionnaire de comptes."
        ),
        "accounts_termsversion_number_key": "Une autre version vient d’être publiée : rechargez la page.",
        "terms_accepted_once": "Vous avez déjà accepté cette version.",
        "platform_account_national_once": (
            "Un compte actif porte déjà cet identifiant national.",
            "Practitioner.identifier",
        ),
        "platform_account_technical_once": (
            "Un compte actif porte déjà cet identifiant technique.",
            "Practitioner.identifier",
        ),
        "platform_account_identified": (
            "Un compte de la plateforme porte un identifiant national ou technique.",
            "Practitioner.identifier",
        ),
        "announcement_says_something": ("Écrivez ce qu’il faut dire.", "text"),
        "announcement_has_a_time": ("Donnez une fin après le début.", "ends"),
        "announcement_stopped_by_somebody": "Une annonce arrêtée a quelqu’un qui l’a arrêtée, et son heure.",
        "help_request_in_hand_of_somebody": "Une demande en cours a quelqu’un qui s’en occupe.",
        "help_request_answered_when": "Une demande répondue a l’heure de sa réponse.",
        "help_message_length": ("Écrivez 2000 caractères au plus.", "text"),
        "help_file_size": ("Chaque fichier fait 1 Mo au plus.", "joined"),
        "one_duty_at_a_time": "Vous tenez déjà un poste : quittez-le avant d’en prendre un autre.",
    }
)
