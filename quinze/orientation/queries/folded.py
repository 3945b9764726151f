"""What is said of a seat in one number: its end, its modalities, whether it is a plage, the places left.

Sent by hundreds in each search, and read again for those that are shown.
"""

from functools import cache

LEFT_BITS, SORT_BITS = 16, 4
MODALITIES = ("AMB", "HH", "VR")  # a bit each of the sort, then PLAGE
PLAGE = 1 << len(MODALITIES)
MASK = " + ".join(f"{1 << bit} * ('{one}' = ANY(s.modalities))::int" for bit, one in enumerate(MODALITIES))
# Of a seat that has one of the modalities asked for: where one only is asked for, and it has no other, it is that one.
MORE = (
    "(CASE WHEN s.reasons <> '' THEN 0 ELSE"
    f" date_part('epoch', s.ends_at)::bigint << {LEFT_BITS + SORT_BITS} | (s.capacity - s.taken) | (("
    f"CASE WHEN %(one_modality)s AND cardinality(s.modalities) = 1 THEN %(sort)s::bigint ELSE ({MASK})::bigint END"
    f" + CASE WHEN s.kind = 'plage' THEN {PLAGE} ELSE 0 END) << {LEFT_BITS}) END)"
)


@cache
def _kinds(sort: int) -> list[str]:
    return [one for bit, one in enumerate(MODALITIES) if sort & 1 << bit]


def unfolded(more: int) -> tuple[int, list[str], int, bool]:
    """End, modalities, places left, whether it is a plage. Neither list is to be changed."""
    sort = more >> LEFT_BITS & ((1 << SORT_BITS) - 1)
    return more >> LEFT_BITS + SORT_BITS, _kinds(sort), more & ((1 << LEFT_BITS) - 1), bool(sort & PLAGE)
