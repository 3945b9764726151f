-- Seats that the SAS could see: dedicated ones, and those that the participant chose to show.
WITH participation AS (
    SELECT * FROM directory_participation WHERE sas_id = %(sas)s AND during @> %(at)s::timestamptz
),
counted AS (
    SELECT participation.professional_id, participation.structure_id, coalesce(sum(slot.capacity), 0) AS seats
    FROM participation
    LEFT JOIN directory_place place ON place.professional_id = participation.professional_id
        OR (place.structure_id = participation.structure_id AND place.professional_id IS NULL)
    LEFT JOIN availability_slot slot ON slot.place_id = place.id
        AND slot.starts_at > %(since)s AND slot.starts_at <= %(at)s AND (slot.status = 'open' OR slot.taken > 0)
        AND slot.sas_sees IS NOT FALSE
        AND (slot.sas_sees OR slot.audience IN ('SNP', 'CPTS') OR (slot.audience = 'PRO' AND participation.shows_pro_slots)
            OR (slot.audience = 'PUBLIC' AND participation.shows_public_slots))
    GROUP BY participation.professional_id, participation.structure_id
),
gone AS (
    DELETE FROM orientation_offeredseats WHERE sas_id = %(sas)s AND id NOT IN (
        SELECT old.id FROM orientation_offeredseats old JOIN counted
            ON old.professional_id IS NOT DISTINCT FROM counted.professional_id
            AND old.structure_id IS NOT DISTINCT FROM counted.structure_id
        WHERE old.sas_id = %(sas)s
    )
),
people AS (
    INSERT INTO orientation_offeredseats (sas_id, professional_id, structure_id, seats, counted_at)
    SELECT %(sas)s, professional_id, NULL, seats, %(at)s FROM counted WHERE professional_id IS NOT NULL
    ON CONFLICT (sas_id, professional_id) DO UPDATE SET seats = excluded.seats, counted_at = excluded.counted_at
)
INSERT INTO orientation_offeredseats (sas_id, professional_id, structure_id, seats, counted_at)
SELECT %(sas)s, NULL, structure_id, seats, %(at)s FROM counted WHERE structure_id IS NOT NULL
ON CONFLICT (sas_id, structure_id) DO UPDATE SET seats = excluded.seats, counted_at = excluded.counted_at
