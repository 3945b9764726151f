-- Time and seats that the SAS could see, on the terms in force at each slot's own hour, by sector of the place. Twice:
-- by local day and half-day (giver null), and by who gave it (day null): `giver` is a professional, or minus a structure.
WITH sector AS (
    SELECT zone.commune_id, zone.structure_id AS sector
    FROM directory_structurecommune zone
    JOIN directory_structure structure ON structure.id = zone.structure_id
        AND structure.kind = 'CPTS' AND structure.sas_id = %(sas)s
    WHERE %(division)s = 'cpts'
    UNION ALL
    SELECT commune_id, min(id) OVER (PARTITION BY pdsa_sector)
    FROM directory_sascommune WHERE %(division)s = 'pdsa' AND sas_id = %(sas)s AND pdsa_sector <> ''
),
seen AS (
    SELECT coalesce(slot.professional_id, -participation.structure_id) AS giver, place.commune_id,
        slot.starts_at AT TIME ZONE %(zone)s AS local, slot.during, slot.capacity, slot.taken
    FROM directory_participation participation
    LEFT JOIN directory_professional person ON person.id = participation.professional_id
    JOIN directory_place place ON place.professional_id = participation.professional_id
        OR (place.structure_id = participation.structure_id AND place.professional_id IS NULL)
    JOIN availability_slot slot ON slot.place_id = place.id
        AND slot.starts_at >= %(since)s AND slot.starts_at < %(until)s
        AND participation.during @> slot.starts_at
        AND (slot.status = 'open' OR slot.taken > 0)
        AND slot.sas_sees IS NOT FALSE
        AND (slot.sas_sees OR slot.audience IN ('SNP', 'CPTS') OR (slot.audience = 'PRO' AND participation.shows_pro_slots)
            OR (slot.audience = 'PUBLIC' AND participation.shows_public_slots))
    WHERE participation.sas_id = %(sas)s
        AND CASE WHEN person.id IS NULL THEN %(profession)s = '10' AND %(specialty)s IN ('', 'SM54')
            ELSE person.profession = %(profession)s
                AND (%(specialty)s = '' OR person.specialty IN (%(specialty)s, '')) END
),
halves AS (
    SELECT giver, commune_id, local::date AS day,
        CASE WHEN local::time >= '08:00' AND local::time < '13:00' THEN 0
            WHEN local::time >= '13:00' AND local::time < '20:00' THEN 1 ELSE 2 END AS half,
        range_agg(during) AS times, sum(capacity) AS seats, sum(taken) AS taken
    FROM seen GROUP BY 1, 2, 3, 4
),
counted AS (
    SELECT giver, commune_id, day, half, seats, taken,
        (SELECT sum(extract(epoch FROM upper(one) - lower(one))) / 60 FROM unnest(times) one) AS minutes
    FROM halves
),
placed AS (
    SELECT coalesce(sector.sector, 0) AS sector, counted.* FROM counted LEFT JOIN sector USING (commune_id)
    UNION ALL
    SELECT -1, counted.* FROM counted
)
SELECT sector, day, half, giver, round(sum(minutes))::int, sum(seats)::int, sum(taken)::int
FROM placed GROUP BY GROUPING SETS ((sector, day, half), (sector, giver))
