"""The difference between the slots that are and the slots that are wanted, one statement a step.

A slot is the same when place, start and end are the same. Only slots made by our own rules are touched, and never
one that has begun, save a plage still running.
"""

WANTED_TABLE = """
DROP TABLE IF EXISTS wanted_slot;
CREATE TEMPORARY TABLE wanted_slot (
    place_id bigint, owner_id bigint, professional_id bigint, structure_id bigint, rule_id bigint,
    starts_at timestamptz, ends_at timestamptz, capacity smallint,
    kind varchar, modalities varchar[], audience varchar, cpts_id bigint,
    min_age_months smallint, max_age_months smallint, new_patients boolean, notice_minutes smallint,
    specialties varchar[], reasons varchar
) ON COMMIT DROP
"""

COPY = "COPY wanted_slot FROM STDIN"

# What a rule says of its slots besides their hours and their seats.
_TERMS = (
    "rule_id", "kind", "modalities", "audience", "cpts_id",
    "min_age_months", "max_age_months", "new_patients", "notice_minutes", "specialties", "reasons",
)  # fmt: skip
_SET_TERMS = ", ".join(f"{name} = w.{name}" for name in _TERMS)
_NOW, _AS_WANTED = (", ".join(f"{table}.{name}" for name in _TERMS) for table in "sw")

# Both tables are new to the planner, which would read one of them again for each row of the other.
BY_HASH = "SET LOCAL enable_nestloop = off"
AS_BEFORE = "SET LOCAL enable_nestloop = on"

_AHEAD = "(s.starts_at >= %(at)s OR (s.kind = 'plage' AND s.ends_at > %(at)s))"
# A doctor, or a place that has none.
_OWNER = "coalesce(s.professional_id, -s.place_id)"
# Our own slots, offered or given; and what was given in an editor's.
_HOLDS_THE_DOCTOR = "((s.source = 'quinze' AND s.status = 'open') OR s.taken > 0)"
_SAME = "w.place_id = s.place_id AND w.starts_at = s.starts_at AND w.ends_at = s.ends_at"

# Bookings lock one slot at a time; we take ours in the order of their keys, so that neither waits for the other.
LOCK = f"""
SELECT count(*) FROM (
    SELECT 1 FROM availability_slot s
    WHERE s.place_id = ANY(%(places)s) AND s.source = 'quinze' AND s.taken > 0 AND {_AHEAD}
    ORDER BY s.id FOR UPDATE
) locked
"""  # noqa: S608  (constants only)

WITHDRAW = f"""
UPDATE availability_slot s SET status = 'withdrawn'
WHERE s.place_id = ANY(%(places)s) AND s.source = 'quinze' AND s.status = 'open'
  AND {_AHEAD}
  AND NOT EXISTS (SELECT 1 FROM wanted_slot w WHERE {_SAME})
RETURNING s.id, s.taken
"""  # noqa: S608

CHANGE = f"""
UPDATE availability_slot s
SET {_SET_TERMS}, capacity = greatest(w.capacity, s.taken)
FROM wanted_slot w
WHERE s.place_id = ANY(%(places)s) AND s.source = 'quinze' AND s.status = 'open' AND {_SAME}
  AND ({_NOW}, s.capacity) IS DISTINCT FROM ({_AS_WANTED}, greatest(w.capacity, s.taken))
"""  # noqa: S608

# An editor's slot at the same time is shown once, as ours: it can be booked at once. One with patients keeps its time.
DOUBLE = """
UPDATE availability_slot s SET status = 'doubled'
FROM wanted_slot w
WHERE s.place_id = ANY(%(places)s) AND s.source <> 'quinze' AND s.status = 'open' AND s.taken = 0
  AND s.professional_id = w.owner_id AND s.starts_at < w.ends_at AND s.ends_at > w.starts_at
"""

# It is offered again as soon as ours is gone; of two editors, the first that came.
SINGLE = """
UPDATE availability_slot s SET status = 'open'
WHERE s.place_id = ANY(%(places)s) AND s.source <> 'quinze' AND s.status = 'doubled' AND s.starts_at >= %(at)s
  AND NOT EXISTS (
    SELECT 1 FROM availability_slot o
    WHERE o.professional_id = s.professional_id AND o.id <> s.id AND o.ends_at > %(at)s
      AND o.starts_at < s.ends_at AND o.ends_at > s.starts_at
      AND (o.status = 'open' OR o.taken > 0 OR (o.status = 'doubled' AND o.id < s.id)))
"""

# One row of the past comes back for each wanted slot, the one that carries patients first.
REOPEN = f"""
UPDATE availability_slot old
SET status = 'open', {_SET_TERMS}, capacity = greatest(w.capacity, old.taken)
FROM (
    SELECT DISTINCT ON (s.place_id, s.starts_at, s.ends_at) s.id, w.*
    FROM availability_slot s JOIN wanted_slot w ON {_SAME}
    WHERE s.place_id = ANY(%(places)s) AND s.source = 'quinze' AND s.status = 'withdrawn' AND {_AHEAD}
    ORDER BY s.place_id, s.starts_at, s.ends_at, s.taken DESC, s.id
) w
WHERE old.id = w.id AND NOT EXISTS (
    SELECT 1 FROM availability_slot s
    WHERE s.place_id = ANY(%(places)s) AND s.id <> w.id AND {_HOLDS_THE_DOCTOR}
      AND s.starts_at < w.ends_at AND s.ends_at > w.starts_at AND {_OWNER} = w.owner_id)
"""  # noqa: S608

# What is there already leaves the list first: an INSERT that also reads its own table slows down as it fills it.
FOUND = f"""
DELETE FROM wanted_slot w USING availability_slot s
WHERE s.place_id = ANY(%(places)s) AND s.source = 'quinze' AND s.status = 'open' AND {_SAME}
"""  # noqa: S608

# A slot that has begun, or a withdrawn one that still carries patients, keeps the doctor busy.
BUSY = f"""
DELETE FROM wanted_slot w USING availability_slot s
WHERE s.place_id = ANY(%(places)s) AND {_HOLDS_THE_DOCTOR}
  AND s.ends_at > %(at)s AND s.starts_at < w.ends_at AND s.ends_at > w.starts_at
  AND {_OWNER} = w.owner_id
"""  # noqa: S608

CREATE = f"""
INSERT INTO availability_slot (
    place_id, professional_id, structure_id, during, starts_at, ends_at, capacity, taken, source, status,
    {", ".join(_TERMS)})
SELECT place_id, professional_id, structure_id, tstzrange(starts_at, ends_at), starts_at, ends_at, capacity,
       0, 'quinze', 'open', {", ".join(_TERMS)}
FROM wanted_slot
ON CONFLICT DO NOTHING
"""  # noqa: S608
