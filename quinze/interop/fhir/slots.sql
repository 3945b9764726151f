-- Open slots with a seat left that the SAS may see: by their audience and what their owner opted for, or by the owner's
-- word on one slot. Those kept for the owner's own patients never, unless that word was said.
SELECT s.id, s.professional_id, s.structure_id, s.place_id, (extract(epoch FROM s.starts_at) * 1000)::bigint,
    (extract(epoch FROM s.ends_at) * 1000)::bigint, s.kind, s.modalities,
    CASE WHEN s.audience = 'OWN' THEN 'SNP' ELSE s.audience END AS label, s.cpts_id, s.specialties, s.reasons
FROM availability_slot s
JOIN directory_place place ON place.id = s.place_id
WHERE {owner}
    AND s.status = 'open' AND s.taken < s.capacity AND s.sas_sees IS NOT FALSE
    AND s.starts_at >= greatest(%(from)s, %(at)s) AND s.starts_at <= %(until)s
    AND (s.notice_minutes = 0 OR s.starts_at >= %(at)s + s.notice_minutes * interval '1 minute')
    AND place.is_active
    AND (place.valid_from IS NULL OR place.valid_from <= s.starts_at)
    AND (place.valid_until IS NULL OR place.valid_until > s.starts_at)
    AND EXISTS (
        SELECT FROM directory_participation part
        WHERE part.during @> %(at)s AND (%(sas)s::bigint IS NULL OR part.sas_id = %(sas)s) AND {taking_part}
            AND (s.sas_sees OR s.audience = 'SNP' OR s.audience = 'CPTS'
                OR (s.audience = 'PRO' AND part.shows_pro_slots)
                OR (s.audience = 'PUBLIC' AND part.shows_public_slots))
    )
    AND CASE WHEN s.audience = 'OWN' THEN 'SNP' ELSE s.audience END = ANY(%(labels)s)
ORDER BY s.starts_at, s.id
