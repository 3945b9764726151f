-- The first free seats at local_place, each in one integer that sorts as (start, slot): science/ranking/sketches.py.
SELECT least(given.snp, shown.own, freed.snp) AS snp,
    least(given.cpts, freed.cpts) AS cpts,
    least(pro.start, shown.pro, freed.pro) AS pro,
    least(public.start, shown.public, freed.public) AS public
FROM (
    SELECT min({coded}) FILTER (WHERE s.audience = 'SNP') AS snp,
        min({coded}) FILTER (WHERE s.audience = 'CPTS') AS cpts
    FROM availability_slot s
    WHERE local_place.participation_id IS NOT NULL AND s.place_id = local_place.place_id
        AND s.audience IN ('SNP', 'CPTS') AND s.taken < s.capacity AND {bookable}{since}
) given
LEFT JOIN LATERAL (
    SELECT {coded} AS start FROM availability_slot s
    WHERE local_place.shows_pro_slots AND s.place_id = local_place.place_id AND s.audience = 'PRO'
        AND s.taken < s.capacity AND {bookable}{since}
    ORDER BY s.starts_at, s.id LIMIT 1
) pro ON true
LEFT JOIN LATERAL (
    SELECT {coded} AS start FROM availability_slot s
    WHERE local_place.shows_public_slots AND s.place_id = local_place.place_id AND s.audience = 'PUBLIC'
        AND s.taken < s.capacity AND {bookable}{since}
    ORDER BY s.starts_at, s.id LIMIT 1
) public ON true
LEFT JOIN LATERAL (
    -- Shown one by one, by their doctor's own word.
    SELECT min({coded}) FILTER (WHERE s.audience = 'OWN') AS own,
        min({coded}) FILTER (WHERE s.audience = 'PRO') AS pro,
        min({coded}) FILTER (WHERE s.audience = 'PUBLIC') AS public
    FROM availability_slot s
    WHERE local_place.participation_id IS NOT NULL AND s.place_id = local_place.place_id AND s.sas_sees
        AND s.taken < s.capacity AND {bookable}{since}
) shown ON true
LEFT JOIN LATERAL (
    SELECT min({coded}) FILTER (WHERE s.audience IN ('SNP', 'OWN')) AS snp,
        min({coded}) FILTER (WHERE s.audience = 'CPTS') AS cpts,
        min({coded}) FILTER (WHERE s.audience = 'PRO') AS pro,
        min({coded}) FILTER (WHERE s.audience = 'PUBLIC') AS public
    FROM freed s
    WHERE s.place_id = local_place.place_id{since}
        AND ((local_place.participation_id IS NOT NULL AND s.audience IN ('SNP', 'CPTS')) OR {shown})
) freed ON true
