    SELECT json_agg(json_build_array(
        seat.id, extract(epoch FROM seat.starts_at)::bigint, extract(epoch FROM seat.ends_at)::bigint, seat.audience,
        seat.modalities, seat.free, seat.kind = 'plage', seat.reasons
    ) ORDER BY seat.starts_at, seat.id)::text AS seats
    FROM (
        -- The first ones of each audience, and the first ones after an absence.
        SELECT slot.*, row_number() OVER (
            PARTITION BY slot.audience, coalesce(extract(epoch FROM slot.starts_at) >= {away}, true)
            ORDER BY slot.starts_at, slot.id
        ) AS place_in_line
        FROM (
            -- Seats dedicated to the SAS.
            SELECT s.id, s.starts_at, s.ends_at, s.audience, s.modalities, s.kind, s.reasons,
                s.capacity - s.taken AS free
            FROM availability_slot s
            WHERE local_place.participation_id IS NOT NULL AND s.audience IN ('SNP', 'CPTS')
                AND s.place_id = local_place.place_id AND s.taken < s.capacity AND {bookable}
            UNION ALL
            -- Seats that the doctor chose to show, and the public ones of those who take no part.
            SELECT s.id, s.starts_at, s.ends_at, s.audience, s.modalities, s.kind, s.reasons, s.capacity - s.taken
            FROM availability_slot s
            WHERE {shown} AND s.place_id = local_place.place_id AND s.taken < s.capacity AND {bookable}
            UNION ALL
            SELECT s.id, s.starts_at, s.ends_at, s.audience, s.modalities, s.kind, s.reasons,
                s.capacity - s.taken + let_go.seats
            FROM let_go JOIN availability_slot s ON s.id = let_go.slot_id
            WHERE s.place_id = local_place.place_id AND s.taken >= s.capacity AND {bookable}
                AND ((local_place.participation_id IS NOT NULL AND s.audience IN ('SNP', 'CPTS')) OR {shown})
        ) slot
    ) seat
    WHERE seat.place_in_line <= %(seats)s
