"""What must hold of every booking, whoever died and when. Each statement counts what is wrong."""

from collections.abc import Callable, Iterable

ACTIVE = "('held', 'booked', 'confirmed', 'fulfilled', 'no_show')"
LIVE = "('held', 'booked', 'confirmed')"
DOUBLE = {
    "slots whose count is not that of their bookings": f"""
        SELECT count(*) FROM (
            SELECT s.id FROM availability_slot s LEFT JOIN orientation_booking b
                ON b.slot_id = s.id AND b.status IN {ACTIVE}
            WHERE s.taken > 0 OR b.id IS NOT NULL
            GROUP BY s.id HAVING s.taken <> count(b.id)) wrong""",
    "slots over capacity": "SELECT count(*) FROM availability_slot WHERE taken > capacity",
    "requests with two live bookings": f"""
        SELECT count(*) FROM (SELECT FROM orientation_booking WHERE status IN {LIVE}
                              GROUP BY request_id HAVING count(*) > 1) twice""",
    "doctors in two places": f"""
        SELECT count(*) FROM orientation_booking a JOIN orientation_booking b
            ON a.professional_id = b.professional_id AND a.id < b.id AND a.place_id <> b.place_id
            AND a.during && b.during
        WHERE a.status IN {ACTIVE} AND b.status IN {ACTIVE}""",
}
HALF = {
    "bookings whose last status is another": """
        SELECT count(*) FROM orientation_booking b WHERE b.status IS DISTINCT FROM (
            SELECT s.status FROM orientation_bookingstatus s WHERE s.booking_id = b.id ORDER BY s.id DESC LIMIT 1)""",
    "bookings given whose request does not say so": """
        SELECT count(*) FROM orientation_booking b JOIN orientation_orientationrequest r ON r.id = b.request_id
        WHERE b.status IN ('booked', 'confirmed') AND r.status <> 'booked'""",
    "requests booked without a booking": """
        SELECT count(*) FROM orientation_orientationrequest r WHERE r.status = 'booked' AND NOT EXISTS (
            SELECT FROM orientation_booking b WHERE b.request_id = r.id AND b.status IN ('booked', 'confirmed'))""",
    "bookings that the history of the request does not tell": """
        SELECT count(*) FROM orientation_booking b WHERE b.kind = 'slot' AND NOT EXISTS (
            SELECT FROM orientation_requestevent e WHERE e.request_id = b.request_id
                AND (e.data ->> 'booking_id')::bigint = b.id)""",
    "bookings given that the file does not tell": """
        SELECT count(*) FROM orientation_booking b JOIN orientation_orientationrequest r ON r.id = b.request_id
            JOIN regulation_casefile f ON f.number = r.case_number
        WHERE b.status IN ('booked', 'confirmed') AND NOT EXISTS (
            SELECT FROM regulation_caseevent e WHERE e.case_id = f.id AND (e.data ->> 'booking_id')::bigint = b.id)""",
    "bookings given that nobody writes to the patient, who has an address": """
        SELECT count(*) FROM orientation_booking b JOIN orientation_orientationrequest r ON r.id = b.request_id
        WHERE b.status = 'booked' AND b.kind = 'slot' AND r.email <> '' AND NOT EXISTS (
            SELECT FROM orientation_message m WHERE m.booking_id = b.id AND m.purpose = 'confirmation')""",
}  # fmt: skip


def wrong(count: Callable[[str], int], checks: dict[str, str]) -> dict[str, int]:
    """Only what is not as it must be."""
    found = {name: count(statement) for name, statement in checks.items()}
    return {name: number for name, number in found.items() if number}


def lost(known: Iterable[int], acknowledged: Iterable[int]) -> int:
    """Bookings that somebody was told of, and that are not there."""
    return len(set(acknowledged) - set(known))
