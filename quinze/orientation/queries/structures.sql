-- Structures that receive: their own seats if they have any, otherwise a telephone.
WITH participation AS (
    SELECT * FROM directory_participation
    WHERE sas_id = %(sas)s AND structure_id IS NOT NULL AND during @> %(at)s::timestamptz
),
let_go AS (
    SELECT slot_id, count(*) AS seats FROM orientation_booking
    WHERE status = 'held' AND hold_expires_at <= %(at)s GROUP BY slot_id
),
local_place AS (
    SELECT place.id AS place_id, structure.id AS structure_id, structure.name AS label, structure.kind, place.lat,
        place.lon, place.wheelchair, place.languages, coalesce(participation.id, structure.id) AS participation_id,
        participation.id IS NOT NULL AS takes_part, coalesce(participation.shows_pro_slots, false) AS shows_pro_slots,
        coalesce(participation.shows_public_slots, true) AS shows_public_slots,
        coalesce(participation.accepts_teleconsultation, false) AS accepts_teleconsultation
    FROM directory_place place
    JOIN directory_structure structure ON structure.id = place.structure_id
    LEFT JOIN participation ON participation.structure_id = structure.id
    WHERE place.is_active AND place.professional_id IS NULL
        AND (NOT %(from_emergency)s OR participation.takes_reorientations)
        AND structure.kind IN ('SOS', 'CSNP', 'MMG', 'CDS', 'MSP', 'ED')
        AND (structure.sas_id = %(sas)s OR participation.id IS NOT NULL)
),
asked AS (
    SELECT structure_id, count(DISTINCT request_id) AS times FROM orientation_booking
    WHERE sas_id = %(sas)s AND starts_at > %(fairness_since)s AND structure_id IS NOT NULL
        AND professional_id IS NULL AND NOT (status = 'held' AND hold_expires_at > %(at)s)
    GROUP BY structure_id
)
SELECT 's' || local_place.structure_id || '@' || local_place.place_id,
    local_place.label, local_place.structure_id, local_place.place_id, local_place.kind, local_place.lat,
    local_place.lon, local_place.wheelchair, local_place.languages, local_place.takes_part,
    local_place.accepts_teleconsultation, coalesce(asked.times, 0), coalesce(offered.seats, 0), free.seats
FROM local_place
LEFT JOIN asked USING (structure_id)
LEFT JOIN orientation_offeredseats offered
    ON offered.sas_id = %(sas)s AND offered.structure_id = local_place.structure_id
LEFT JOIN LATERAL (
{seats}
) free ON true
