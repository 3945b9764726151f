-- Those whom a search shows, by their places: all that is read of them, with their first free seats.
WITH let_go AS MATERIALIZED (
    SELECT slot_id, count(*) AS seats FROM orientation_booking
    WHERE status = 'held' AND hold_expires_at <= %(at)s GROUP BY slot_id
),
local_place AS (
    SELECT place.id AS place_id, place.professional_id, place.structure_id, place.address, commune.name AS commune,
        place.zone, place.phones, structure.phone, place.information, place.lat, place.lon,
        coalesce(mine.id, theirs.id, CASE WHEN place.professional_id IS NULL THEN structure.id END) AS participation_id,
        coalesce(mine.shows_pro_slots, theirs.shows_pro_slots) AS shows_pro_slots,
        coalesce(mine.shows_public_slots, theirs.shows_public_slots) AS shows_public_slots, wanted.until
    FROM unnest(%(places)s::bigint[], %(until)s::bigint[]) AS wanted(place_id, until)
    JOIN directory_place place ON place.id = wanted.place_id
    JOIN directory_commune commune ON commune.insee = place.commune_id
    LEFT JOIN directory_structure structure ON structure.id = place.structure_id
    -- By the index of each person: the ones that forbid overlaps would be read whole, once a person.
    LEFT JOIN directory_participation mine ON mine.professional_id = place.professional_id
        AND mine.sas_id + 0 = %(sas)s AND (mine.during @> %(at)s::timestamptz) IS TRUE
    LEFT JOIN directory_participation theirs ON theirs.structure_id = place.structure_id
        AND place.professional_id IS NULL AND theirs.sas_id = %(sas)s AND theirs.during @> %(at)s::timestamptz
)
SELECT local_place.place_id, belonging.structures, belonging.cpts, coalesce(belonging.cpts_name, ''), free.seats,
    local_place.professional_id, local_place.structure_id, local_place.phone, local_place.address,
    local_place.commune, local_place.zone, local_place.phones, local_place.information, local_place.lat, local_place.lon
FROM local_place
LEFT JOIN LATERAL (
    SELECT array_agg(membership.structure_id) FILTER (WHERE structure.kind <> 'CPTS') AS structures,
        array_agg(membership.structure_id) FILTER (WHERE structure.kind = 'CPTS') AS cpts,
        min(structure.name) FILTER (WHERE structure.kind = 'CPTS') AS cpts_name
    FROM directory_membership membership JOIN directory_structure structure ON structure.id = membership.structure_id
    WHERE membership.professional_id = local_place.professional_id
        AND (membership.during @> %(at)s::timestamptz) IS TRUE
) belonging ON true
LEFT JOIN LATERAL (
{seats}
) free ON true
