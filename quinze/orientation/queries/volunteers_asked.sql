-- What was asked, by sector (the CPTS of the commune, or its PDSA sector; 0: none; -1: the whole SAS), local day and
-- half-day, and what came of it. A request of a commune that two CPTS share is one of each, and one of the whole.
WITH sector AS (
    SELECT zone.commune_id, zone.structure_id AS sector
    FROM directory_structurecommune zone
    JOIN directory_structure structure ON structure.id = zone.structure_id
        AND structure.kind = 'CPTS' AND structure.sas_id = %(sas)s
    WHERE %(division)s = 'cpts'
    UNION ALL
    SELECT commune_id, min(id) OVER (PARTITION BY pdsa_sector)
    FROM directory_sascommune WHERE %(division)s = 'pdsa' AND sas_id = %(sas)s AND pdsa_sector <> ''
),
asked AS (
    SELECT request.commune_id, request.requested_at AT TIME ZONE %(zone)s AS local,
        EXISTS (SELECT FROM orientation_booking booking WHERE booking.request_id = request.id
            AND booking.status IN ('booked', 'confirmed', 'fulfilled', 'no_show', 'cancelled', 'moved')) AS given,
        EXISTS (SELECT FROM orientation_booking booking WHERE booking.request_id = request.id
            AND booking.kind = 'overbooking' AND booking.status NOT IN ('held', 'expired', 'released')) AS extra,
        EXISTS (SELECT FROM orientation_requestevent event WHERE event.request_id = request.id
            AND event.kind = 'widened_minutes') AS widened,
        EXISTS (SELECT FROM orientation_rankinglog ranking WHERE ranking.request_id = request.id
            AND ranking.proposals = '') AS searched_in_vain,
        request.status IN ('closed', 'returned') OR request.deadline <= %(at)s AS is_over
    FROM orientation_orientationrequest request
    WHERE request.sas_id = %(sas)s AND request.requested_at >= %(since)s AND request.requested_at < %(until)s
        AND request.status <> 'withdrawn' AND request.profession = %(profession)s
        AND (%(specialty)s = '' OR request.specialty IN (%(specialty)s, ''))
),
placed AS (
    SELECT coalesce(sector.sector, 0) AS sector, asked.* FROM asked LEFT JOIN sector USING (commune_id)
    UNION ALL
    SELECT -1, asked.* FROM asked
)
SELECT sector, local::date AS day,
    CASE WHEN local::time >= '08:00' AND local::time < '13:00' THEN 0
        WHEN local::time >= '13:00' AND local::time < '20:00' THEN 1 ELSE 2 END AS half,
    count(*) AS asked,
    count(*) FILTER (WHERE given) AS given,
    count(*) FILTER (WHERE extra) AS extra,
    count(*) FILTER (WHERE given AND widened) AS far,
    count(*) FILTER (WHERE is_over AND NOT given AND (searched_in_vain OR widened)) AS nobody
FROM placed GROUP BY 1, 2, 3
