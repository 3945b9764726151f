    SELECT json_agg(json_build_array(
        slot.id, extract(epoch FROM slot.starts_at)::bigint, extract(epoch FROM slot.ends_at)::bigint, slot.audience,
        slot.modalities, slot.free, slot.kind = 'plage', slot.reasons
    ))::text AS seats
    FROM (
        -- Seats dedicated to the SAS.
        (SELECT s.id, s.starts_at, s.ends_at, s.audience, s.modalities, s.kind, s.reasons,
                s.capacity - s.taken AS free
            FROM availability_slot s
            WHERE local_place.participation_id IS NOT NULL AND s.audience IN ('SNP', 'CPTS')
                AND s.place_id = local_place.place_id AND s.taken < s.capacity AND {bookable}
            ORDER BY s.starts_at LIMIT %(seats)s)
        UNION ALL
        -- Seats that the doctor chose to show, and the public ones of those who take no part.
        (SELECT s.id, s.starts_at, s.ends_at, s.audience, s.modalities, s.kind, s.reasons, s.capacity - s.taken
            FROM availability_slot s
            WHERE {shown} AND s.place_id = local_place.place_id AND s.taken < s.capacity AND {bookable}
            ORDER BY s.starts_at LIMIT %(seats)s)
        UNION ALL
        (SELECT s.id, s.starts_at, s.ends_at, s.audience, s.modalities, s.kind, s.reasons,
                s.capacity - s.taken + let_go.seats
            FROM let_go JOIN availability_slot s ON s.id = let_go.slot_id
            WHERE s.place_id = local_place.place_id AND s.taken >= s.capacity AND {bookable}
                AND ((local_place.participation_id IS NOT NULL AND s.audience IN ('SNP', 'CPTS')) OR {shown}))
    ) slot
