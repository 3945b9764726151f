"""What PostgreSQL refuses about case files, in French."""

from quinze.base.constraints import register

register(
    {
        "case_sequence_once": "Deux dossiers ont demandé le même numéro : recommencez.",
        "claim_has_who_and_when": "Un dossier pris dit par qui et depuis quand.",
        "merged_case_says_into_which": "Un dossier fusionné dit dans lequel il l’est.",
        "not_merged_into_itself": ("Un dossier ne se joint pas à lui-même : choisissez l’autre.", "into"),
        "sent_to_a_doctor_has_a_stream": ("Choisissez la filière : AMU ou SNP.", "stream"),
        "closed_case_says_when": "Un dossier clos a son heure de clôture.",
        "draft_once": "Ce brouillon est déjà ouvert ailleurs : rechargez la page.",
        "presence_once": "Ce dossier est déjà ouvert sur ce poste.",
        "request_only_from_an_orientation": "Seule une décision d’orientation crée une demande à l’OSNP.",
    }
)
