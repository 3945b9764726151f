-- What can be had now of those who may be asked (places, owners): one row of arrays, each with its own keys. The hot
-- path of a search. Seats come in one integer that sorts as (start, slot), science/ranking/sketches.py, with who sees
-- them (AUDIENCES, and 8 more when their doctor shows them one by one) and, where their doctor says nothing more of them, their
-- end, modalities and the places left.
WITH let_go AS MATERIALIZED (
    -- A hold that ran out is a free seat, even before the sweep has passed.
    SELECT DISTINCT slot_id FROM orientation_booking WHERE status = 'held' AND hold_expires_at <= %(at)s
),
freed AS (
    SELECT s.place_id, {coded} AS code, {sort} AS sort, 0::bigint AS more
    FROM let_go JOIN availability_slot s ON s.id = let_go.slot_id
    WHERE s.taken >= s.capacity AND {bookable}
),
given AS (
    -- Every seat kept for the SAS or for colleagues, up to the deadline: few, and sorted out by who asks. One walk of the
    -- index for all the places: a join would begin one for each.
    SELECT s.place_id, {coded} AS code, {sort} AS sort, {more} AS more
    FROM availability_slot s
    WHERE s.place_id = ANY(%(taking)s::bigint[]) AND s.audience IN ('SNP', 'CPTS', 'PRO') AND s.taken < s.capacity
        AND {bookable}
),
public AS (
    SELECT wanted.place_id, first.code, first.more
    FROM unnest(%(public)s::bigint[]) AS wanted(place_id)
    CROSS JOIN LATERAL (
        SELECT {coded} AS code, {more} AS more FROM availability_slot s
        WHERE s.place_id = wanted.place_id AND s.audience = 'PUBLIC' AND s.taken < s.capacity AND {bookable}
        ORDER BY s.starts_at FETCH FIRST (%(seats)s) ROWS WITH TIES
    ) first
),
alone AS (
    -- Shown one by one, by their doctor's own word.
    SELECT s.place_id, {coded} AS code, {sort} AS sort, {more} AS more
    FROM availability_slot s
    WHERE s.place_id = ANY(%(taking)s::bigint[]) AND s.sas_sees AND s.audience IN ('OWN', 'PUBLIC')
        AND s.taken < s.capacity AND {bookable}
),
asked AS (
    SELECT professional_id, structure_id, count(DISTINCT request_id) AS times FROM (
        SELECT professional_id, CASE WHEN professional_id IS NULL THEN structure_id END AS structure_id, request_id
        FROM orientation_booking
        WHERE sas_id = %(sas)s AND starts_at > %(fairness_since)s AND NOT (status = 'held' AND hold_expires_at > %(at)s)
        UNION ALL
        SELECT (event.data ->> 'professional_id')::bigint, NULL, event.request_id
        FROM orientation_requestevent event
        JOIN orientation_orientationrequest request ON request.id = event.request_id AND request.sas_id = %(sas)s
        WHERE event.kind = 'overbooking_call' AND event.at > %(fairness_since)s
    ) solicitation GROUP BY professional_id, structure_id
),
overbooked AS (
    SELECT professional_id, count(*) AS times FROM orientation_booking
    WHERE sas_id = %(sas)s AND kind = 'overbooking' AND status IN ('booked', 'confirmed', 'fulfilled', 'no_show')
        AND starts_at >= %(today)s AND starts_at < %(tomorrow)s AND professional_id IS NOT NULL
    GROUP BY professional_id
),
seen AS (
    SELECT DISTINCT professional_id FROM orientation_booking
    WHERE patient_id = %(patient)s AND status = 'fulfilled' AND starts_at > %(seen_since)s
        AND professional_id IS NOT NULL
),
belonging AS (
    -- By the index of the structure: the one that forbids overlaps is read whole for this.
    SELECT membership.professional_id, bit_or(1::bigint << (wanted.position - 1)::int) AS mask
    FROM unnest(%(relevant)s::bigint[]) WITH ORDINALITY AS wanted(structure_id, position)
    JOIN directory_membership membership ON membership.structure_id = wanted.structure_id
    WHERE (membership.during @> %(at)s::timestamptz) IS TRUE
    GROUP BY membership.professional_id
),
away AS MATERIALIZED (
    SELECT wanted.place_id,
        ceil(extract(epoch FROM max(least(coalesce(upper(absence.during), 'infinity'), '9000-01-01 00:00+00'))))::bigint
            AS until
    FROM availability_absence absence
    JOIN unnest(%(people)s::bigint[], %(people_places)s::bigint[]) AS wanted(professional_id, place_id)
        ON wanted.professional_id = absence.professional_id
    WHERE absence.professional_id = ANY(%(people)s::bigint[]) AND absence.withdrawn_at IS NULL
        AND absence.during @> %(at)s::timestamptz
        AND (absence.place_id IS NULL OR absence.place_id = wanted.place_id)
    GROUP BY wanted.place_id
),
later AS (
    -- All the others are read up to the deadline.
    SELECT away.place_id, first.code, first.more
    FROM away
    CROSS JOIN LATERAL (
        SELECT {coded} AS code, {more} AS more FROM availability_slot s
        WHERE s.place_id = away.place_id AND s.audience = 'PUBLIC' AND s.taken < s.capacity AND {bookable}
            AND s.starts_at >= to_timestamp(away.until)
        ORDER BY s.starts_at FETCH FIRST (%(seats)s) ROWS WITH TIES
    ) first
    WHERE away.place_id = ANY(%(public)s::bigint[])
),
stale AS (
    -- By an index that holds the oldest success of each live feed.
    SELECT feed.professional_id, feed.place_id FROM availability_calendarfeed feed
    WHERE feed.ended_at IS NULL
        AND coalesce(feed.succeeded_at, feed.created_at) < %(at)s::timestamptz - interval '1 minute' * coalesce((
            SELECT value::text::int FROM directory_sasparameter
            WHERE sas_id = %(sas)s AND name = 'feed_stale_minutes' AND during @> %(at)s::timestamptz), %(stale_minutes)s)
)
SELECT {columns}
