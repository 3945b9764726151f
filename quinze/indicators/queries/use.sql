-- One row for each doctor and period: the SNP files they decided on, where these people were sent, what came of it.
-- A file counts once for each doctor, in the period of their first decision on it, at the most that was decided: an
-- appointment asked of the OSNP, else another orientation, else a means sent, else advice or a prescription.
WITH decided AS (
    SELECT
        d.by_id AS doctor,
        date_trunc(%(unit)s, min(d.at) AT TIME ZONE %(zone)s)::date AS since,
        array_remove(array_agg(d.orientation_request_id), NULL) AS requests,
        bool_or(d.nature = 'ORIENT') AS oriented,
        bool_or(d.nature = 'INTER') AS sent,
        bool_or(d.nature IN ('CONSEIL', 'PMT')) AS advised
    FROM regulation_casefile c
    JOIN regulation_decision d ON d.case_id = c.id
    WHERE c.sas_id = %(sas)s AND c.opened_at >= %(oldest)s AND c.opened_at < %(at)s
        AND d.at >= %(since)s AND d.at < %(at)s
        AND (d.role = 'regulateur_snp' OR c.stream = 'SNP')
        AND (%(doctor)s = 0 OR d.by_id = %(doctor)s)
    GROUP BY d.by_id, d.case_id
), known AS (
    SELECT decided.*, cardinality(requests) > 0 AS asked, fate.given, fate.seen, fate.missed
    FROM decided
    LEFT JOIN LATERAL (
        SELECT
            bool_or(b.status NOT IN ('held', 'expired', 'released')) AS given,
            bool_or(b.status = 'fulfilled') AS seen,
            bool_or(b.status = 'no_show') AS missed
        FROM orientation_booking b
        WHERE b.request_id = ANY (requests)
    ) fate ON cardinality(requests) > 0
)
SELECT
    doctor,
    since,
    count(*),
    count(*) FILTER (WHERE asked),
    count(*) FILTER (WHERE given),
    count(*) FILTER (WHERE seen),
    count(*) FILTER (WHERE missed AND NOT seen),
    count(*) FILTER (WHERE oriented AND NOT asked),
    count(*) FILTER (WHERE sent AND NOT oriented),
    count(*) FILTER (WHERE advised AND NOT oriented AND NOT sent)
FROM known
GROUP BY doctor, since
