"""What PostgreSQL refuses about other machines, in French."""

from quinze.base.constraints import register

register(
    {
        "fhir_client_once": ("Un client actif a déjà ce nom commun et cette unité.", "common_name"),
        "fhir_client_has_a_name": ("Le nom commun (CN) du certificat manque.", "common_name"),
        "fhir_client_has_a_flow": ("Un client a au moins un flux.", "flows"),
        "fhir_client_pace": ("Le rythme va de 1 à 60 000 demandes par minute.", "per_minute"),
        "editor_has_a_kind": ("Un éditeur sert au moins une sorte d’agendas.", "kinds"),
        "editor_endpoint_is_https": ("L’adresse d’un éditeur commence par https://.", "endpoint"),
    }
)
