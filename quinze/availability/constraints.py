"""What PostgreSQL refuses about opening rules and slots, in French."""

from quinze.base.constraints import register

register(
    {
        "rule_ends_after_start": ("La fin est avant le début : corrigez les heures.", "ends"),
        "rule_is_weekly_or_dated": "Une plage est d’un jour de la semaine ou d’une date : choisissez l’un des deux.",
        "rule_capacity": ("Le nombre de patients va de 1 à 99.", "capacity"),
        "rule_slot_minutes": ("La durée d’un créneau va de 5 à 240 minutes.", "slot_minutes"),
        "rule_has_a_modality": ("Choisissez au moins une modalité : cabinet, visite ou vidéo.", "modalities"),
        "rule_for_a_cpts_names_it": ("Choisissez la CPTS à qui ces créneaux sont réservés.", "cpts"),
        "rule_buffer_minutes": ("La pause entre deux rendez-vous va de 0 à 120 minutes.", "buffer_minutes"),
        "rule_notice": ("Le délai de prévenance va de 0 à 336 heures.", "notice_minutes"),
        "rule_ages_in_order": ("L’âge maximal doit dépasser l’âge minimal.", "max_age_months"),
        "rule_some_specialty_or_any": ("Cochez au moins une spécialité, ou aucune limite.", "specialties"),
        "rule_every_weeks": ("La répétition va de 1 à 52 semaines.", "every_weeks"),
        "slot_never_over_capacity": "Ce créneau est complet : choisissez-en un autre.",
        "slot_ends_after_start": "La fin du créneau est avant son début.",
        "slot_external_once": "Ce créneau a déjà été reçu de cet agenda.",
        "one_open_slot_of_a_doctor_at_a_time": (
            "Le médecin a déjà un créneau à cette heure : deux plages se chevauchent."
        ),
        "one_open_slot_of_a_place_without_doctor_at_a_time": "Ce lieu a déjà un créneau à cette heure.",
        "feed_once_per_doctor": ("Vous avez déjà relié cet agenda.", "address"),
        "busy_lasts": "Une période occupée a une durée.",
        "busy_once": "Cette période occupée est déjà notée pour cet agenda.",
        "slot_source_code": (
            "Le code a de 2 à 20 signes : minuscules, chiffres et tirets, une lettre d’abord.",
            "code",
        ),
        "editor_agenda_has_one_owner": "Un agenda est celui d’un professionnel ou d’une structure.",
        "editor_agenda_once": ("Cet identifiant est déjà celui d’un agenda de cet éditeur.", "identifier"),
        "cover_is_named": ("Donnez son nom.", "name"),
        "cover_has_hours": ("Donnez le début et la fin.", "end"),
        "one_cover_of_a_doctor_at_a_time": ("Quelqu’un vous remplace déjà à ces heures : retirez-le d’abord.", "start"),
        "one_live_calendar_link": "Une adresse d’abonnement existe déjà : rechargez la page.",
    }
)
