-- One row for each OSNP and period: the appointments they gave, and what came of them. One that was moved is counted
-- where it went.
SELECT
    s.by_id,
    date_trunc(%(unit)s, s.at AT TIME ZONE %(zone)s)::date AS since,
    count(*),
    count(*) FILTER (WHERE b.status = 'fulfilled'),
    count(*) FILTER (WHERE b.status = 'no_show'),
    count(*) FILTER (WHERE b.status = 'cancelled')
FROM orientation_booking b
JOIN orientation_bookingstatus s ON s.booking_id = b.id
WHERE b.sas_id = %(sas)s AND b.starts_at >= %(since)s AND b.status <> 'moved'
    AND s.status = 'booked' AND s.by_kind = 'staff' AND s.by_id IS NOT NULL
    AND s.at >= %(since)s AND s.at < %(at)s
    AND (%(person)s = 0 OR s.by_id = %(person)s)
GROUP BY s.by_id, since
