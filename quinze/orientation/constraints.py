"""What PostgreSQL refuses about requests, charters and bookings, in French."""

from quinze.base.constraints import register

register(
    {
        "charter_number_once": "Une autre version de la charte vient d’être créée : rechargez la page.",
        "one_charter_draft": "Un brouillon de charte existe déjà : reprenez-le ou abandonnez-le.",
        "charter_in_force_once_published": ("Indiquez la date d’accord du comité territorial.", "agreed_on"),
        "one_charter_in_force_at_a_time": "Une autre version vient d’être publiée : rechargez la page.",
        "request_has_a_modality": (
            "Choisissez au moins une modalité : cabinet, visite ou téléconsultation.",
            "modalities",
        ),
        "request_deadline_after_request": ("L’échéance est déjà passée : donnez une heure à venir.", "deadline"),
        "taken_request_has_a_taker": "Une demande prise a un preneur : reprenez-la dans la liste.",
        "another_choice_has_its_reason": ("Dites pourquoi la première proposition n’est pas retenue.", "reason"),
        "booking_of_a_slot_has_one": "Choisissez un créneau.",
        "overbooking_has_consent": ("Dites qui a donné son accord, et comment.", "consent"),
        "hold_always_expires": "Une retenue a toujours une fin : recommencez.",
        "one_live_booking_of_a_request": "Cette demande a déjà un rendez-vous ou une retenue en cours.",
        "one_doctor_one_place": "Le médecin a déjà un rendez-vous ailleurs à cette heure : choisissez une autre heure.",
        "slot_never_over_capacity": "Ce créneau vient d’être pris : choisissez-en un autre.",
        "slot_is_open": "Ce créneau vient d’être retiré par le médecin : choisissez-en un autre.",
        "offered_seats_of_one": "Un décompte de places est celui d’un médecin ou d’une structure, pas des deux.",
        "offered_seats_of_professional_once": "Le décompte des places est déjà en cours : réessayez dans une minute.",
        "offered_day_once": "Le décompte des heures est déjà en cours : réessayez dans une minute.",
        "searched_day_once": "Le décompte des recherches est déjà en cours : réessayez dans une minute.",
        "dispute_says_why": ("Dites en quelques mots ce qui est faux.", "text"),
        "dispute_period_in_order": "La période contestée finit avant de commencer.",
        "answer_says_why": ("Écrivez la réponse : le médecin la lira.", "text"),
        "offered_seats_of_structure_once": "Le décompte des places est déjà en cours : réessayez dans une minute.",
        "cause_of_a_no_show": ("Une cause ne se note que pour un patient non venu.", "cause"),
        "a_booking_frees_its_seat_once": "Cette place est déjà à proposer.",
        "freed_seat_closed_with_its_instant": "Une place n’est plus à proposer : notez depuis quand.",
        "one_rescue_of_a_seat_at_a_time": "Cette place est déjà proposée à quelqu’un : attendez sa réponse.",
        "one_rescue_of_a_person_at_a_time": "Une autre place est déjà proposée à cette personne.",
        "rescue_before_the_deadline": "Cette place vient après l’échéance fixée par le médecin.",
        "rescue_always_expires": "Une proposition a toujours une fin : rechargez la page.",
        "accepted_rescue_has_its_booking": "Une place acceptée devient un rendez-vous : recommencez.",
        "one_wish_of_earlier_at_a_time": "Cette personne est déjà à prévenir si une place plus tôt se libère.",
        "one_reminder_of_a_kind": "Ce rappel est déjà fait.",
        "one_opt_out_at_a_time": "Ce numéro ou cette adresse ne reçoit déjà plus de rappels.",
    }
)
