-- Who was asked, once per request, as the charter counts it: a seat held, given, or let go; one patient more; a call
-- that asked for one; an appointment by telephone. A hold in progress is not one yet. Dated by the hour asked for.
WITH solicitation AS (
    SELECT professional_id, request_id, starts_at AS at, kind = 'slot' AS by_slot
    FROM orientation_booking
    WHERE sas_id = %(sas)s AND starts_at >= %(since)s AND starts_at < %(until)s AND professional_id IS NOT NULL
        AND (%(professional)s = 0 OR professional_id = %(professional)s)
        AND NOT (status = 'held' AND hold_expires_at > %(at)s)
    UNION ALL
    SELECT (event.data ->> 'professional_id')::bigint, event.request_id, event.at, false
    FROM orientation_requestevent event
    JOIN orientation_orientationrequest request ON request.id = event.request_id AND request.sas_id = %(sas)s
    WHERE event.kind = 'overbooking_call' AND event.at >= %(since)s AND event.at < %(until)s
        AND (%(professional)s = 0 OR (event.data ->> 'professional_id')::bigint = %(professional)s)
),
asked AS (
    SELECT professional_id, request_id, min(at) AS at, bool_or(by_slot) AS by_slot
    FROM solicitation GROUP BY professional_id, request_id
)
SELECT professional_id, date_trunc('week', at AT TIME ZONE %(zone)s)::date,
    count(*) FILTER (WHERE by_slot), count(*) FILTER (WHERE NOT by_slot), max(at)
FROM asked GROUP BY 1, 2
