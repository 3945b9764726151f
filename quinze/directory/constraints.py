"""What PostgreSQL refuses about the territory and the offer, in French."""

from quinze.base.constraints import register

register(
    {
        "accounts_sas_code_key": ("Un SAS porte déjà ce code.", "code"),
        "sas_commune_once": "Cette commune est déjà dans le territoire du SAS.",
        "neighbour_once": "Ce SAS est déjà parmi les voisins.",
        "not_its_own_neighbour": "Un SAS n’est pas son propre voisin : choisissez-en un autre.",
        "entry_number_once": ("Ce numéro est déjà un numéro d’entrée du SAS.", "number"),
        "opening_line_ends_after_start": ("La fin est avant le début : corrigez les heures.", "ends"),
        "opening_line_weekday": ("Ce jour de la semaine n’existe pas.", "weekday"),
        "line_closure_once": ("Une exception est déjà écrite pour cette ligne ce jour-là : modifiez-la.", "day"),
        "one_value_of_a_parameter_at_a_time": "Ce paramètre a déjà une valeur sur cette période : rechargez la page.",
        "professional_has_an_identifier": ("Il faut un identifiant : RPPS, ADELI ou IDNPS.", "rpps"),
        "directory_professional_rpps_key": ("Un professionnel porte déjà ce RPPS.", "rpps"),
        "directory_professional_adeli_key": ("Un professionnel porte déjà ce numéro ADELI.", "adeli"),
        "directory_professional_idnps_key": ("Un professionnel porte déjà cet identifiant.", "idnps"),
        "directory_structure_finess_key": ("Une structure porte déjà ce FINESS.", "finess"),
        "directory_structure_siret_key": ("Une structure porte déjà ce SIRET.", "siret"),
        "structure_commune_once": "Cette commune est déjà dans la zone de cette structure.",
        "nurse_of_a_department_once_at_a_time": "Cette personne est déjà infirmière d’accueil de ces urgences.",
        "one_membership_at_a_time": "Ce professionnel est déjà membre de cette structure sur cette période.",
        "place_has_an_owner": "Un lieu appartient à un professionnel ou à une structure : choisissez l’un des deux.",
        "participation_of_one": "Une participation est celle d’un professionnel ou d’une structure, pas des deux.",
        "overbooking_has_a_quota": (
            "Dites combien de patients en plus par jour sont acceptés (au moins 1).",
            "overbooking_per_day",
        ),
        "one_participation_of_a_professional_at_a_time": "Ce professionnel participe déjà au SAS sur cette période.",
        "one_participation_of_a_structure_at_a_time": "Cette structure participe déjà au SAS sur cette période.",
        "one_open_enrolment_request": "Votre demande attend déjà une réponse de ce SAS.",
        "enrolment_answer_is_signed_and_dated": "Une réponse est datée et signée.",
        "manager_of_a_structure_once_at_a_time": ("Cette personne gère déjà cette structure.", "email"),
        "one_membership_request_at_a_time": ("Une demande attend déjà une réponse entre vous.", "professional"),
        "membership_answer_is_signed": "Une réponse est datée et signée.",
        "place_ends_after_it_begins": ("La fin doit venir après le début.", "end"),
        "replacement_has_an_end": ("Un remplacement a une fin : donnez-la.", "end"),
        "contact_once_while_it_lasts": ("Cette adresse est déjà au registre, ou attend sa confirmation.", "email"),
        "consent_has_an_end": "Un consentement a une fin : recommencez.",
        "ended_contact_is_erased": "Un contact retiré est effacé : recommencez.",
        "campaign_says_something": ("Écrivez le message.", "text"),
        "export_says_what_for": ("Dites à quoi servira cette liste, en quelques mots.", "purpose"),
        "one_delegation_at_a_time": "Une demande ou une délégation existe déjà entre vous : ouvrez-la dans la liste.",
        "delegation_has_a_power": ("Choisissez au moins une chose à déléguer.", "powers"),
        "delegation_of_outcomes_reads_the_agenda": (
            "Pour noter l’issue des rendez-vous il faut aussi lire l’agenda : cochez les deux.",
            "powers",
        ),
    }
)
