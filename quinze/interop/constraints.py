"""What PostgreSQL refuses about other machines, in French."""

from quinze.base.constraints import register

register(
    {
        "fhir_client_once": ("Un client actif a déjà ce nom commun et cette unité.", "common_name"),
        "fhir_client_has_a_name": ("Le nom commun (CN) du certificat manque.", "common_name"),
        "fhir_client_has_a_flow": ("Un client a au moins un flux.", "flows"),
        "editor_appointment_once": "Ce rendez-vous est déjà déclaré.",
        "editor_appointment_of_booking": "Ce rendez-vous est déjà rattaché à une autre déclaration.",
        "refused_declaration_once": "Ce refus est déjà compté.",
        "linked_appointment_has_its_booking": "Un rendez-vous rattaché a sa réservation : rechargez la page.",
        "accepted_what_was_said": "La plateforme n’accepte que ce qui lui a été dit : rechargez la page.",
        "accepted_has_nothing_to_send": "Ce rendez-vous est déjà accepté par la plateforme.",
        "editor_word_once": "Cette déclaration vient d’être enregistrée.",
        "fhir_client_pace": ("Le rythme va de 1 à 60 000 demandes par minute.", "per_minute"),
        "editor_has_a_kind": ("Un éditeur sert au moins une sorte d’agendas.", "kinds"),
        "editor_call_of_25_at_most": "Un éditeur est interrogé sur 25 professionnels au plus à la fois.",
        "editor_drop_once": "Ces créneaux écartés sont déjà comptés pour ce jour : recommencez.",
        "editor_account_once": "Ce compte est déjà déclaré à cet éditeur.",
        "editor_endpoint_is_https": ("L’adresse d’un éditeur commence par https://.", "endpoint"),
        "hub_identity_form": ("Un identifiant du Hub Santé commence par « fr.health. », en minuscules.", "hub_id"),
        "interop_hubidentity_hub_id_key": ("Un autre SAS reçoit déjà par cet identifiant.", "hub_id"),
        "hub_message_once": "Ce message du Hub Santé est déjà enregistré.",
        "platform_rdv_once": "Ce rendez-vous de la plateforme est déjà enregistré.",
        "platform_rdv_word_once": "Ce message sur le rendez-vous vient d’être enregistré.",
        "linked_rdv_has_its_case": ("Un rendez-vous rattaché a son dossier, et qui l’a rattaché.", "case"),
        "lrm_origin_once": ("Un logiciel actif a déjà cette origine.", "origin"),
        "lrm_hub_id_once": ("Un logiciel actif a déjà cet identifiant du Hub Santé.", "hub_id"),
        "lrm_origin_form": (
            "L’origine a des lettres, des chiffres, « . », « _ » ou « - », et ne commence pas par « sas ».",
            "origin",
        ),
        "lrm_hub_id_form": ("Un identifiant du Hub Santé commence par « fr.health. », en minuscules.", "hub_id"),
    }
)
