-- Time and seats that the SAS could see of each participant, by local day. Two overlapping slots (one's own and one of
-- an editor) are one time and all their seats; what was visible is read from the terms in force at the slot's own hour.
WITH seen AS (
    SELECT slot.professional_id, (slot.starts_at AT TIME ZONE %(zone)s)::date AS day, slot.during, slot.capacity
    FROM directory_participation participation
    JOIN availability_slot slot ON slot.professional_id = participation.professional_id
        AND slot.starts_at >= %(since)s AND slot.starts_at <= %(at)s
        AND participation.during @> slot.starts_at
        AND (slot.status = 'open' OR slot.taken > 0)
        AND slot.sas_sees IS NOT FALSE
        AND (slot.sas_sees OR slot.audience IN ('SNP', 'CPTS') OR (slot.audience = 'PRO' AND participation.shows_pro_slots)
            OR (slot.audience = 'PUBLIC' AND participation.shows_public_slots))
    WHERE participation.sas_id = %(sas)s
),
counted AS (
    SELECT professional_id, day, range_agg(during) AS times, sum(capacity) AS seats
    FROM seen GROUP BY professional_id, day
)
INSERT INTO orientation_offeredday (sas_id, professional_id, day, minutes, seats)
SELECT %(sas)s, professional_id, day,
    (SELECT round(sum(extract(epoch FROM upper(one) - lower(one))) / 60) FROM unnest(times) one), seats
FROM counted
