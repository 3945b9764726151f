-- Of seats that a search shows and of which their doctor says more, or that were let go, the rest: one row of columns.
SELECT array_send(array_agg(s.id)), array_send(array_agg(extract(epoch FROM s.starts_at)::bigint)),
    array_send(array_agg(extract(epoch FROM s.ends_at)::bigint)),
    array_send(array_agg((
        s.capacity - s.taken + CASE WHEN s.taken >= s.capacity THEN coalesce(let_go.seats, 0) ELSE 0 END)::bigint)),
    array_send(array_agg((s.kind = 'plage')::int::bigint)),
    array_agg(array_to_string(s.modalities, ' ')), array_agg(s.reasons)
FROM availability_slot s
LEFT JOIN (
    SELECT slot_id, count(*) AS seats FROM orientation_booking
    WHERE status = 'held' AND hold_expires_at <= %(at)s GROUP BY slot_id
) let_go ON let_go.slot_id = s.id
WHERE s.id = ANY(%(slots)s::bigint[]) AND s.status = 'open'
