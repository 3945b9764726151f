-- Who practises where, as columns: those who take part in a SAS and its structures, or whoever a condition names.
-- One row of arrays, with the snapshot it was read under: orientation/queries/practices.py.
WITH practice AS (
    {people}
    {houses}
)
SELECT array_agg(label), array_agg(profession), array_agg(specialty), array_agg(array_to_string(languages, ' ')),
    {columns}
FROM practice
