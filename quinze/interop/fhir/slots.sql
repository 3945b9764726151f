-- Open slots with a seat left that the SAS may see: by their audience and what their owner opted for, or by the owner's
-- word on one slot. Those kept for the owner's own patients never, unless that word was said. Slots of another editor are
-- for that editor to publish. Who takes part is read first: most slots are public ones that few owners show. Whether the
-- place is in use at that hour is looked at once for each place, by who asks.
WITH owner AS MATERIALIZED (
    SELECT part.{owner} AS id, bool_or(part.shows_pro_slots) AS shows_pro, bool_or(part.shows_public_slots) AS shows_public
    FROM directory_participation part
    WHERE part.{owner} = ANY(%(owners)s) AND part.during @> %(at)s AND (%(sas)s::bigint IS NULL OR part.sas_id = %(sas)s)
    GROUP BY part.{owner}
)
SELECT s.id, (date_part('epoch', opens.at) * 1000)::bigint, (date_part('epoch', s.ends_at) * 1000)::bigint,
    s.professional_id, s.structure_id, s.place_id, s.kind, s.modalities::text,
    CASE WHEN s.audience = 'OWN' THEN 'SNP' ELSE s.audience END AS label, s.cpts_id, s.specialties::text, s.reasons
FROM owner
JOIN availability_slot s ON {owned}
-- A range without appointment that has begun is offered for what is left of it.
CROSS JOIN LATERAL (
    SELECT CASE WHEN s.kind = 'plage'
        THEN greatest(s.starts_at, %(from)s, %(at)s + s.notice_minutes * interval '1 minute')
        ELSE s.starts_at END AS at
) opens
WHERE s.status = 'open' AND s.taken < s.capacity AND s.sas_sees IS NOT FALSE AND s.source = 'quinze'
    AND s.starts_at > %(from)s - interval '12 hours' AND s.starts_at <= %(until)s
    AND (s.sas_sees OR s.audience = 'SNP' OR s.audience = 'CPTS'
        OR (s.audience = 'PRO' AND owner.shows_pro) OR (s.audience = 'PUBLIC' AND owner.shows_public))
    AND CASE WHEN s.audience = 'OWN' THEN 'SNP' ELSE s.audience END = ANY(%(labels)s)
    AND opens.at >= %(from)s AND opens.at <= %(until)s AND opens.at < s.ends_at
    AND (s.notice_minutes = 0 OR opens.at >= %(at)s + s.notice_minutes * interval '1 minute')
ORDER BY opens.at, s.id
