-- The hot path of a search: who could be asked, with their first free seats, in one statement.
-- An ORM twin in tests/orientation/test_candidates.py proves that it returns the same candidates.
WITH participation AS (
    SELECT * FROM directory_participation
    WHERE sas_id = %(sas)s AND during @> %(at)s::timestamptz
),
-- A hold that ran out is a free seat, even before the sweep has passed.
let_go AS (
    SELECT slot_id, count(*) AS seats FROM orientation_booking
    WHERE status = 'held' AND hold_expires_at <= %(at)s GROUP BY slot_id
),
local_place AS (
    SELECT place.id AS place_id, place.structure_id AS own_structure_id, professional.id AS professional_id,
        professional.civility || ' ' || professional.given_name || ' ' || professional.family_name AS label,
        professional.profession, professional.specialty, place.lat, place.lon, place.wheelchair, place.languages,
        participation.id AS participation_id, participation.via, participation.accepts_visits,
        participation.accepts_teleconsultation, participation.shows_pro_slots, participation.shows_public_slots,
        participation.accepts_overbooking, participation.overbooking_per_day,
        professional.id = %(referring)s AS is_referring
    FROM directory_place place
    JOIN directory_professional professional ON professional.id = place.professional_id
    LEFT JOIN participation ON participation.professional_id = professional.id
    WHERE place.is_active AND (NOT %(from_emergency)s OR participation.takes_reorientations)
        AND (%(sector)s = '' OR place.sector = %(sector)s)
        AND (professional.id = %(referring)s OR (
            professional.profession = %(profession)s
            AND (%(specialty)s = '' OR professional.specialty IN (%(specialty)s, ''))
            AND (participation.id IS NOT NULL OR %(others)s OR professional.id = ANY(%(colleagues)s))
            AND (%(everywhere)s
                OR (place.lat BETWEEN %(south)s AND %(north)s AND place.lon BETWEEN %(west)s AND %(east)s)
                OR (%(video)s AND participation.accepts_teleconsultation)
            )
        ))
),
belonging AS (
    SELECT membership.professional_id,
        array_agg(membership.structure_id) FILTER (WHERE structure.kind <> 'CPTS') AS structures,
        array_agg(membership.structure_id) FILTER (WHERE structure.kind = 'CPTS') AS cpts,
        min(structure.name) FILTER (WHERE structure.kind = 'CPTS') AS cpts_name
    FROM (SELECT DISTINCT professional_id FROM local_place) someone
    JOIN directory_membership membership USING (professional_id)
    JOIN directory_structure structure ON structure.id = membership.structure_id
    WHERE membership.during @> %(at)s::timestamptz
    GROUP BY membership.professional_id
),
away AS (
    SELECT professional_id, place_id, max(coalesce(extract(epoch FROM upper(during)), 'infinity')) AS until
    FROM availability_absence
    WHERE withdrawn_at IS NULL AND during @> %(at)s::timestamptz
    GROUP BY professional_id, place_id
),
asked AS (
    SELECT professional_id, count(DISTINCT request_id) AS times FROM (
        SELECT professional_id, request_id FROM orientation_booking
        WHERE sas_id = %(sas)s AND starts_at > %(fairness_since)s AND professional_id IS NOT NULL
            AND NOT (status = 'held' AND hold_expires_at > %(at)s)
        UNION ALL
        SELECT (event.data ->> 'professional_id')::bigint, event.request_id
        FROM orientation_requestevent event
        JOIN orientation_orientationrequest request ON request.id = event.request_id AND request.sas_id = %(sas)s
        WHERE event.kind = 'overbooking_call' AND event.at > %(fairness_since)s
    ) solicitation GROUP BY professional_id
),
overbooked AS (
    SELECT professional_id, count(*) AS times FROM orientation_booking
    WHERE sas_id = %(sas)s AND kind = 'overbooking' AND status IN ('booked', 'confirmed', 'fulfilled', 'no_show')
        AND starts_at >= %(today)s AND starts_at < %(tomorrow)s
    GROUP BY professional_id
),
seen AS (
    SELECT DISTINCT professional_id FROM orientation_booking
    WHERE patient_id = %(patient)s AND status = 'fulfilled' AND starts_at > %(seen_since)s
)
SELECT 'p' || local_place.professional_id || '@' || local_place.place_id,
    local_place.label, local_place.professional_id, local_place.place_id, local_place.profession,
    local_place.specialty, local_place.lat, local_place.lon, local_place.wheelchair, local_place.languages,
    local_place.via, local_place.accepts_visits, local_place.accepts_teleconsultation,
    local_place.accepts_overbooking, local_place.overbooking_per_day - coalesce(overbooked.times, 0),
    local_place.own_structure_id, belonging.structures, belonging.cpts, coalesce(belonging.cpts_name, ''),
    greatest(everywhere.until, here.until), coalesce(asked.times, 0), coalesce(offered.seats, 0),
    seen.professional_id IS NOT NULL,
    free.seats IS NOT NULL OR local_place.is_referring OR coalesce(local_place.accepts_overbooking, false)
        OR everywhere.until IS NOT NULL OR here.until IS NOT NULL,
    free.seats
FROM local_place
LEFT JOIN belonging USING (professional_id)
LEFT JOIN away everywhere ON everywhere.professional_id = local_place.professional_id AND everywhere.place_id IS NULL
LEFT JOIN away here ON here.professional_id = local_place.professional_id AND here.place_id = local_place.place_id
LEFT JOIN asked ON asked.professional_id = local_place.professional_id
LEFT JOIN overbooked ON overbooked.professional_id = local_place.professional_id
LEFT JOIN orientation_offeredseats offered
    ON offered.sas_id = %(sas)s AND offered.professional_id = local_place.professional_id
LEFT JOIN seen ON seen.professional_id = local_place.professional_id
LEFT JOIN LATERAL (
{seats}
) free ON true
WHERE local_place.participation_id IS NOT NULL OR local_place.is_referring OR free.seats IS NOT NULL
