"""Location: where it is, contained in a role or standing alone for an association."""

import re
from collections.abc import Iterable, Sequence

from quinze.base import phones as numbers
from quinze.base.errors import Refusal
from quinze.interop.fhir.facts import Resource, identifier, meta, reference
from quinze.interop.fhir.offer import Address, Hours

E164 = re.compile(r"\+[1-9][0-9]{7,14}")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def phones(said: Iterable[str]) -> list[Resource]:
    """+33…; what is not a telephone number is left out."""
    return [{"system": "phone", "value": number} for number in map(_number, said) if number]


def _number(said: str) -> str:
    """Kept in E.164 already, or written by hand in some older directory."""
    if E164.fullmatch(said):
        return said
    try:
        return numbers.normalise(said)
    except Refusal:
        return ""


def address(place: Address) -> Resource:
    """The commune's own code stands for a postal code that nobody gave: the profile has none without one."""
    return {"line": [place.line or place.city], "city": place.city, "postalCode": place.postal_code or place.insee}


def contained(place: Address, *, base: str) -> Resource:
    return {
        "resourceType": "Location",
        "id": f"place-{place.id}",
        "meta": meta("Location"),
        "identifier": [_internal(place, base)],
        "address": address(place),
    } | ({"name": place.name} if place.name else {})


def of_association(place: Address, organization: str, *, name: str, opened: Sequence[Hours], base: str) -> Resource:
    made: Resource = {
        "resourceType": "Location",
        "id": str(place.id),
        "meta": meta("sos_Location"),
        "identifier": [_internal(place, base)],
        "name": place.name or name,
        "address": address(place),
        "managingOrganization": reference("Organization", organization),
    }
    made |= {"telecom": found} if (found := phones(place.phones)) else {}
    return made | ({"hoursOfOperation": [_hours(each) for each in opened]} if opened else {})


def _hours(opened: Hours) -> Resource:
    days = [DAYS[weekday] for weekday in sorted(opened.weekdays)]
    return {"daysOfWeek": days, "openingTime": f"{opened.opens:%H:%M:%S}", "closingTime": f"{opened.closes:%H:%M:%S}"}


def _internal(place: Address, base: str) -> Resource:
    return identifier(base, str(place.id), ("place_identifier_type", "INTRN"))
