-- One row for each period of the call and each answer of the regulation: advised, or sent to the OSNP. Files of
-- unscheduled care whose 72 hours are over.
WITH decided AS (
    SELECT
        c.id,
        c.opened_at,
        date_trunc(%(unit)s, c.opened_at AT TIME ZONE %(zone)s)::date AS since,
        array_remove(array_agg(d.orientation_request_id), NULL) AS requests
    FROM regulation_casefile c
    JOIN regulation_decision d ON d.case_id = c.id
    WHERE c.sas_id = %(sas)s AND c.opened_at >= %(since)s AND c.opened_at <= %(over)s AND c.merged_into_id IS NULL
    GROUP BY c.id
    HAVING bool_or(d.role = 'regulateur_snp' OR c.stream = 'SNP')
        AND (bool_or(d.orientation_request_id IS NOT NULL)
            OR bool_and(d.nature NOT IN ('ORIENT', 'INTER')) AND bool_or(d.nature IN ('CONSEIL', 'PMT')))
), known AS (
    SELECT decided.*, cardinality(requests) > 0 AS asked, fate.given, fate.seen, a.saw
    FROM decided
    LEFT JOIN regulation_followupanswer a ON a.case_id = decided.id
    LEFT JOIN LATERAL (
        SELECT count(*) > 0 AS given, bool_or(b.status = 'fulfilled') AS seen
        FROM orientation_booking b
        WHERE b.request_id = ANY (requests) AND b.status IN ('booked', 'confirmed', 'fulfilled', 'no_show')
            AND b.starts_at <= decided.opened_at + interval '72 hours'
    ) fate ON cardinality(requests) > 0
)
SELECT
    since,
    asked,
    count(*),
    count(*) FILTER (WHERE given),
    count(*) FILTER (WHERE seen),
    count(saw),
    count(*) FILTER (WHERE saw NOT IN ('unreached', 'declined')),
    count(*) FILTER (WHERE saw IN ('referring', 'doctor', 'centre', 'other')),
    count(*) FILTER (WHERE saw = 'emergency')
FROM known
GROUP BY since, asked
