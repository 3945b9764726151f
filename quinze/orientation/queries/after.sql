-- The first free seats at local_place after its absence, each in one integer that sorts as (start, slot).
SELECT least(given.snp, alone.own) AS snp, given.cpts, given.pro, least(public.start, alone.public) AS public
FROM (
    SELECT min({coded}) FILTER (WHERE s.audience = 'SNP') AS snp,
        min({coded}) FILTER (WHERE s.audience = 'CPTS') AS cpts,
        min({coded}) FILTER (WHERE s.audience = 'PRO' AND (local_place.shows_pro_slots OR s.sas_sees)) AS pro
    FROM availability_slot s
    WHERE local_place.participation_id IS NOT NULL AND s.place_id = local_place.place_id
        AND s.audience IN ('SNP', 'CPTS', 'PRO') AND s.taken < s.capacity AND {bookable} AND s.starts_at >= local_place.until
) given
LEFT JOIN LATERAL (
    SELECT {coded} AS start FROM availability_slot s
    WHERE local_place.shows_public_slots AND s.place_id = local_place.place_id AND s.audience = 'PUBLIC'
        AND s.taken < s.capacity AND {bookable} AND s.starts_at >= local_place.until
    ORDER BY s.starts_at, s.id LIMIT 1
) public ON true
LEFT JOIN LATERAL (
    -- Shown one by one, by their doctor's own word.
    SELECT min({coded}) FILTER (WHERE s.audience = 'OWN') AS own,
        min({coded}) FILTER (WHERE s.audience = 'PUBLIC') AS public
    FROM availability_slot s
    WHERE local_place.participation_id IS NOT NULL AND s.place_id = local_place.place_id AND s.sas_sees
        AND s.taken < s.capacity AND {bookable} AND s.starts_at >= local_place.until
) alone ON true
