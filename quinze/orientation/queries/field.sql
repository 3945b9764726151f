-- Everyone who may be asked: one plain row each, with the first free seat of each kind. The hot path of a search.
WITH let_go AS MATERIALIZED (
    -- A hold that ran out is a free seat, even before the sweep has passed.
    SELECT DISTINCT slot_id FROM orientation_booking WHERE status = 'held' AND hold_expires_at <= %(at)s
),
freed AS MATERIALIZED (
    SELECT s.place_id, min({coded}) FILTER (WHERE s.audience = 'SNP' OR (s.audience = 'OWN' AND s.sas_sees)) AS snp,
        min({coded}) FILTER (WHERE s.audience = 'CPTS') AS cpts,
        min({coded}) FILTER (WHERE s.audience = 'PRO') AS pro,
        min({coded}) FILTER (WHERE s.audience = 'PRO' AND s.sas_sees) AS pro_shown,
        min({coded}) FILTER (WHERE s.audience = 'PUBLIC') AS public,
        min({coded}) FILTER (WHERE s.audience = 'PUBLIC' AND s.sas_sees) AS public_shown
    FROM let_go JOIN availability_slot s ON s.id = let_go.slot_id
    WHERE s.taken >= s.capacity AND {bookable} GROUP BY s.place_id
),
asked AS MATERIALIZED (
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
overbooked AS MATERIALIZED (
    SELECT professional_id, count(*) AS times FROM orientation_booking
    WHERE sas_id = %(sas)s AND kind = 'overbooking' AND status IN ('booked', 'confirmed', 'fulfilled', 'no_show')
        AND starts_at >= %(today)s AND starts_at < %(tomorrow)s
    GROUP BY professional_id
),
seen AS MATERIALIZED (
    SELECT DISTINCT professional_id FROM orientation_booking
    WHERE patient_id = %(patient)s AND status = 'fulfilled' AND starts_at > %(seen_since)s
),
belonging AS MATERIALIZED (
    -- By the index of the structure: the one that forbids overlaps is read whole for this.
    SELECT membership.professional_id, array_agg(membership.structure_id ORDER BY membership.structure_id) AS structures
    FROM unnest(%(relevant)s::bigint[]) AS wanted(structure_id)
    JOIN directory_membership membership ON membership.structure_id = wanted.structure_id
    WHERE (membership.during @> %(at)s::timestamptz) IS TRUE
    GROUP BY membership.professional_id
),
offered AS MATERIALIZED (
    SELECT professional_id, structure_id, seats FROM orientation_offeredseats WHERE sas_id = %(sas)s
),
local_place AS MATERIALIZED (
    -- Those who take part.
    SELECT {professional}, participation.id AS participation_id
    FROM directory_participation participation
    JOIN directory_professional professional ON professional.id = participation.professional_id
    JOIN directory_place place ON place.professional_id = professional.id
    WHERE participation.sas_id = %(sas)s AND participation.during @> %(at)s::timestamptz AND {practises}
        AND professional.id <> ALL(%(special)s::bigint[]) AND ({within})
    UNION ALL
    -- The referring doctor, wherever they are, and their colleagues.
    SELECT {professional}, participation.id
    FROM directory_professional professional
    JOIN directory_place place ON place.professional_id = professional.id
    LEFT JOIN directory_participation participation ON participation.professional_id = professional.id
        AND participation.sas_id = %(sas)s AND participation.during @> %(at)s::timestamptz
    WHERE professional.id = ANY(%(special)s::bigint[]) AND place.is_active
        AND (professional.id = %(referring)s OR ({practises} AND ({within})))
    {others}
    UNION ALL
    -- Structures that receive: their own seats if they have any, otherwise a telephone.
    SELECT place.id, structure.id, structure.kind, structure.name, '', '', place.lat, place.lon,
        CASE WHEN participation.id IS NULL THEN '' ELSE {structure_via} END, false, false,
        coalesce(participation.shows_pro_slots, false), coalesce(participation.shows_public_slots, true), false, 0,
        structure.kind = 'ED' OR coalesce(place.wheelchair, false), place.languages, NULL,
        coalesce(participation.id, structure.id)
    FROM directory_structure structure
    JOIN directory_place place ON place.structure_id = structure.id
    LEFT JOIN directory_participation participation ON participation.structure_id = structure.id
        AND participation.sas_id = %(sas)s AND participation.during @> %(at)s::timestamptz
    WHERE place.is_active AND place.professional_id IS NULL
        AND structure.kind IN ('SOS', 'CSNP', 'MMG', 'CDS', 'MSP', 'ED')
        AND structure.id IN (
            SELECT id FROM directory_structure WHERE sas_id = %(sas)s
            UNION ALL SELECT structure_id FROM directory_participation WHERE sas_id = %(sas)s
                AND structure_id IS NOT NULL AND during @> %(at)s::timestamptz)
),
away AS MATERIALIZED (
    SELECT local_place.place_id, max(least(coalesce(upper(absence.during), 'infinity'), '9000-01-01 00:00+00')) AS until
    FROM local_place JOIN availability_absence absence ON absence.professional_id = local_place.owner
    WHERE local_place.kind = '' AND absence.withdrawn_at IS NULL AND absence.during @> %(at)s::timestamptz
        AND (absence.place_id IS NULL OR absence.place_id = local_place.place_id)
    GROUP BY local_place.place_id
),
later AS MATERIALIZED (
    SELECT away.place_id, away.until, free.* FROM away JOIN local_place USING (place_id)
    CROSS JOIN LATERAL ({after}) free
)
SELECT local_place.owner, local_place.place_id, local_place.kind, local_place.label, local_place.profession,
    local_place.specialty, local_place.lat, local_place.lon, local_place.via, local_place.visits, local_place.video,
    local_place.overbooking, local_place.overbooking_per_day - coalesce(overbooked.times, 0)::int,
    local_place.wheelchair, local_place.languages, local_place.own_structure, belonging.structures,
    ceil(extract(epoch FROM later.until))::bigint, coalesce(asked.times, 0)::int,
    coalesce(offered.seats, 0)::int, seen.professional_id IS NOT NULL,
    least(free.snp, freed.snp), least(free.cpts, freed.cpts),
    least(free.pro, CASE WHEN local_place.shows_pro_slots THEN freed.pro ELSE freed.pro_shown END),
    least(free.public, CASE WHEN local_place.shows_public_slots THEN freed.public ELSE freed.public_shown END),
    later.snp, later.cpts, later.pro, later.public
FROM local_place
LEFT JOIN belonging ON belonging.professional_id = local_place.owner AND local_place.kind = ''
LEFT JOIN asked ON coalesce(asked.professional_id, asked.structure_id) = local_place.owner
    AND (asked.professional_id IS NULL) = (local_place.kind <> '')
LEFT JOIN overbooked ON overbooked.professional_id = local_place.owner AND local_place.kind = ''
LEFT JOIN seen ON seen.professional_id = local_place.owner AND local_place.kind = ''
LEFT JOIN offered ON coalesce(offered.professional_id, offered.structure_id) = local_place.owner
    AND (offered.professional_id IS NULL) = (local_place.kind <> '')
LEFT JOIN freed USING (place_id)
LEFT JOIN later USING (place_id)
CROSS JOIN LATERAL ({starts}) free
