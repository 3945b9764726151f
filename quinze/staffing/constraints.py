"""What PostgreSQL refuses about staffing, in French."""

from quinze.base.constraints import register

register(
    {
        "national_samu_once": "Cette année de la SAE vient d’être chargée par quelqu’un d’autre : rechargez la page.",
        "roster_shift_once": "Cette garde existe déjà : changez son nombre de places.",
        "roster_shift_needs_somebody": ("Une garde a de 1 à 50 places.", "needed"),
        "roster_shift_has_hours": ("Une garde a un début et une fin.", "end"),
        "one_roster_post_at_a_time": ("Cette personne est déjà à un poste sur ces heures.", "user"),
        "roster_version_once": "Quelqu’un vient de publier cette semaine : rechargez la page.",
        "one_open_swap_of_a_shift": "Un échange est déjà demandé pour cette garde : retirez-le d’abord.",
        "swap_with_somebody_else": ("Un échange se fait avec quelqu’un d’autre.", "taker"),
        "swap_answer_is_dated": "Une réponse est datée.",
        "one_roster_absence_at_a_time": ("Une absence est déjà écrite sur ces jours : retirez-la d’abord.", "first"),
        "pass_has_a_reason": ("Dites pourquoi ce poste est ouvert hors planning.", "reason"),
        "staff_member_once": "Les réglages de cette personne existent déjà : rechargez la page.",
        "staff_fact_in_order": ("La fin vient avant le début.", "until"),
        "shift_kind_once": ("Une sorte de garde de ce poste porte déjà ce nom.", "name"),
        "shift_kind_length": ("Une garde dure de 1 à 14 heures.", "hours"),
        "shift_kind_pause": ("La pause prend un tiers de la garde au plus.", "pause"),
        "shift_kind_cost": ("Un coût va de 10 à 1000, 100 pour une heure ordinaire.", "cost"),
        "roster_rules_bounds": "Une de ces règles sort de ce qui est accepté.",
        "wish_weekday": ("Choisissez un jour de la liste.", "weekday"),
        "wish_weight": ("Dites si vous le souhaitez ou non.", "weight"),
        "wish_dates_in_order": ("La fin vient avant le début.", "last"),
        "wish_of_something": ("Dites de quoi il s’agit : un jour, la nuit ou le jour, ou des dates.", "weekday"),
        "school_calendar_has_a_source": ("Dites d’où viennent ces dates.", "source"),
        "staff_quota": ("De 0 à 7 gardes par semaine.", "quota"),
        "staff_weekly_hours": ("De 1 à 48 heures par semaine.", "weekly_hours"),
    }
)
