"""What the FHIR addresses accept and answer, as an OpenAPI 3.1 description made from the code that reads them.

FHIR and its profiles say more than JSON Schema can: what passes here may still be refused, with an OperationOutcome.
"""

from collections.abc import Iterable
from typing import Any

from quinze.interop.fhir import appointment, parameters, regulator
from quinze.interop.fhir.appointment import ACCEPTED, NEEDS_ACTION, OPERATOR, OTHER_STATUSES, STATUSES
from quinze.interop.fhir.facts import IDENTIFIERS, SYSTEMS
from quinze.interop.fhir.http import CONTENT_TYPE, LONGEST_BODY
from quinze.interop.fhir.reading import MOST
from quinze.interop.fhir.regulator import CODES, NATIONAL, TECHNICAL

Schema = dict[str, Any]
MEDIA = CONTENT_TYPE.partition(";")[0]
INSTANT = (
    r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,9})?"
    r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])$"
)
READ_ONLY, WRITTEN = (400, 403, 405, 406, 414, 429), (400, 403, 405, 406, 409, 413, 414, 415, 422, 429)
TEXT: Schema = {"type": "string", "minLength": 1}


def description(*, base: str = "/fhir") -> Schema:
    """The whole document. `base`: where this installation is."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Quinze : échanges FHIR du SAS",
            "version": "1.2.0",
            "description": "INT_R01, INT_R02, INT_R03, INT_R04 et SOS Médecins du volet « Service d’accès aux soins », "
            "versions 1.1.0 et 1.2.0. TLS mutuel : le certificat du client est inscrit par l’installation.",
            "license": {"name": "voir le fichier LICENSE"},
        },
        "servers": [{"url": base}],
        "paths": _paths(),
        "components": {
            "schemas": {
                "OperationOutcome": _operation_outcome(),
                "Bundle": _bundle(),
                "CapabilityStatement": _resource("CapabilityStatement", {"fhirVersion": {"const": "4.0.1"}}),
                "Practitioner": _practitioner(),
                "Appointment": _appointment(),
            },
            "responses": {"Refused": _answer("Refusé : pourquoi, en français.", "OperationOutcome")},
        },
    }


def _paths() -> Schema:
    slots = "Créneaux des professionnels et des CPTS (INT_R01, INT_R04)"
    return {
        "/metadata": {"get": _reading("capabilities", "CapabilityStatement de ce serveur", [], "CapabilityStatement")},
        "/openapi.json": {"get": _described()},
        "/Slot": {"get": _search("slots", slots, parameters.SLOT)},
        "/Schedule": {"get": _search("schedules", "Créneaux de SOS Médecins", parameters.SCHEDULE)},
        "/Practitioner": {
            "post": _writing("Practitioner", "Déclare un régulateur (INT_R02)", done=(201,)),
            "put": _writing("Practitioner", "Modifie un régulateur, ou le déclare", done=(200, 201), by_key=True),
        },
        "/Appointment": {
            "post": _writing("Appointment", "Déclare un rendez-vous (INT_R03)", done=(200, 201)),
            "put": _writing("Appointment", "Modifie un rendez-vous, ou le déclare", done=(200, 201), by_key=True),
        },
    }


# ---- requests


def _described() -> Schema:
    return {
        "operationId": "openapi",
        "summary": "Ce document",
        "responses": {
            "200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}},
            **_refusals(READ_ONLY),
        },
    }


def _reading(name: str, summary: str, asked: list[Schema], kind: str) -> Schema:
    done = {"200": _answer(summary, kind), **_refusals(READ_ONLY)}
    return {"operationId": name, "summary": summary, "parameters": asked, "responses": done}


def _search(name: str, summary: str, names: parameters.Names) -> Schema:
    token = {"type": "string", "minLength": 3, "maxLength": parameters.MOST_IDENTIFIERS * 120}
    asked = [
        _parameter(names.start, _bounds(), required=True),
        _parameter(names.status, {"const": "free"}, required=True),
        _parameter(names.identifiers, token, required=True) | {"description": _identifiers(names)},
        _parameter("_count", {"type": "integer", "minimum": 0, "maximum": 999_999}),
        _parameter("_include", {"type": "array", "items": {"enum": _spelt(names.includes)}, "maxItems": 4}),
        _parameter("_include:iterate", {"type": "array", "items": {"enum": _spelt(names.includes)}, "maxItems": 4}),
    ]
    if names.reverse:
        asked.append(_parameter("_revinclude", {"type": "array", "items": {"enum": ["Slot:schedule"]}, "maxItems": 1}))
    return _reading(name, summary, asked, "Bundle")


def _identifiers(names: parameters.Names) -> str:
    return f"De 1 à {parameters.MOST_IDENTIFIERS} identifiants « {names.system}|valeur », séparés par des virgules."


def _bounds() -> Schema:
    """Two values of one name: ge then le."""
    bound = {"type": "string", "pattern": INSTANT.replace("^", "^(ge|le)", 1)}
    return {"type": "array", "items": bound, "minItems": 2, "maxItems": 2}


def _spelt(folded: Iterable[str]) -> list[str]:
    """As the guide writes them: only what comes before the first colon is the name of a resource."""
    kinds = {"slot": "Slot", "schedule": "Schedule", "healthcareservice": "HealthcareService", "location": "Location"}
    parts = [name.partition(":") for name in folded]
    return [f"{kinds[kind]}:{rest}" for kind, _, rest in parts]


def _parameter(name: str, schema: Schema, *, required: bool = False) -> Schema:
    said: Schema = {"name": name, "in": "query", "schema": schema}
    if schema.get("type") == "array":
        said |= {"style": "form", "explode": True}
    return said | ({"required": True} if required else {})


def _criterion(kind: str) -> Schema:
    also = " « Identifier » est lu aussi." if kind == "Appointment" else ""
    key = {"type": "string", "pattern": r"^[^|,]+\|[^,]+$"}
    said = {"description": f"<système>|<valeur>, une seule fois.{also}"}
    return _parameter("identifier", key, required=True) | said


def _writing(kind: str, summary: str, *, done: tuple[int, ...], by_key: bool = False) -> Schema:
    """An appointment is answered with a warning in its place when somebody in it is not known here."""
    schema = {"$ref": f"#/components/schemas/{kind}"}
    warned = [{"$ref": "#/components/schemas/OperationOutcome"}] if kind == "Appointment" else []
    location = {"Location": {"description": "Son adresse ici.", "schema": {"type": "string"}, "required": True}}
    good = {"description": summary, "headers": location, "content": {MEDIA: {"schema": {"oneOf": [schema, *warned]}}}}
    return {
        "operationId": f"{'update' if by_key else 'declare'}{kind}",
        "summary": summary,
        "description": f"{LONGEST_BODY} octets au plus. Ce qui n’a pas d’usage ici est accepté et n’est pas gardé.",
        "parameters": [_criterion(kind)] if by_key else [],
        "requestBody": {
            "required": True,
            "content": {media: {"schema": schema} for media in (MEDIA, "application/json")},
        },
        "responses": {**{str(status): good for status in done}, **_refusals(WRITTEN)},
    }


def _refusals(statuses: tuple[int, ...]) -> Schema:
    return {str(status): {"$ref": "#/components/responses/Refused"} for status in statuses}


def _answer(says: str, kind: str) -> Schema:
    return {"description": says, "content": {MEDIA: {"schema": {"$ref": f"#/components/schemas/{kind}"}}}}


# ---- resources


def _resource(kind: str, properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "required": ["resourceType", *required],
        "properties": {"resourceType": {"const": kind}, **properties},
    }


def _operation_outcome() -> Schema:
    issue = {
        "type": "object",
        "required": ["severity", "code", "diagnostics"],
        "properties": {
            "severity": {"enum": ["error", "warning"]},
            "code": TEXT,
            "diagnostics": TEXT,
            "expression": {"type": "array", "items": TEXT, "minItems": 1},
        },
        "additionalProperties": False,
    }
    return _resource("OperationOutcome", {"issue": {"type": "array", "items": issue, "minItems": 1}}, ("issue",))


def _bundle() -> Schema:
    entry = {"type": "object", "required": ["fullUrl", "resource", "search"]}
    properties = {
        "type": {"const": "searchset"},
        "total": {"type": "integer", "minimum": 0},
        "link": {"type": "array", "minItems": 1, "maxItems": 1},
        "entry": {"type": "array", "minItems": 1, "items": entry},
    }
    return _resource("Bundle", properties, ("type", "total", "link"))


def _coded(code: str) -> Schema:
    coding = {
        "type": "object",
        "required": ["system", "code"],
        "properties": {"system": {"const": SYSTEMS["identifier_type"]}, "code": {"const": code}},
    }
    return {"type": "object", "required": ["coding"], "properties": {"coding": _list(coding, most=1)}}


def _list(items: Schema, *, most: int = MOST) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": most, "items": items}


def _identifier(system: str) -> Schema:
    return {
        "type": "object",
        "required": ["type", "system", "value"],
        "properties": {
            "type": _coded(CODES[system]),
            "system": {"const": system},
            "value": {"type": "string", "pattern": f"^({regulator.VALUES[system].pattern})$"},
        },
    }


def _practitioner() -> Schema:
    name = {
        "type": "object",
        "required": ["family", "given"],
        "properties": {
            "family": _words(regulator.LONGEST_NAME),
            "given": _list(_words(regulator.LONGEST_NAME), most=1),
        },
    }
    telecom = {
        "type": "object",
        "required": ["system", "value"],
        "properties": {"system": {"const": "email"}, "value": {"type": "string", "format": "email", "maxLength": 254}},
    }
    properties = {
        "meta": {"type": "object"},
        "identifier": _list({"oneOf": [_identifier(NATIONAL), _identifier(TECHNICAL)]}, most=2),
        "active": {"type": "boolean"},
        "name": _list(name),
        "telecom": _list(telecom),
    }
    return _resource("Practitioner", properties, ("identifier", "active", "name", "telecom"))


def _words(most: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most}


def _appointment() -> Schema:
    properties = {
        "id": TEXT,
        "meta": {"type": "object"},
        "extension": _list(_operator(), most=1),
        "identifier": _list(_key(), most=1),
        "status": {"enum": list(STATUSES), "description": f"Refusés : {', '.join(sorted(OTHER_STATUSES))}."},
        "start": {"type": "string", "pattern": INSTANT},
        "end": {"type": "string", "pattern": INSTANT},
        "created": {"type": "string", "pattern": INSTANT},
        "participant": _list(_participant(), most=1),
    }
    return _resource("Appointment", properties, ("extension", "identifier", "status", "start", "end", "participant"))


def _key() -> Schema:
    system, value = _words(appointment.LONGEST_SYSTEM), _words(appointment.LONGEST_VALUE)
    return {
        "type": "object",
        "required": ["system", "value"],
        "properties": {"system": system | {"pattern": r"^[^|]+$"}, "value": value},
    }


def _operator() -> Schema:
    who = {"oneOf": [_identifier(NATIONAL), _identifier(TECHNICAL)]}
    reference = {"type": "object", "required": ["identifier"], "properties": {"identifier": who}}
    return {
        "type": "object",
        "required": ["url", "valueReference"],
        "properties": {"url": {"const": OPERATOR}, "valueReference": reference},
    }


def _participant() -> Schema:
    status = {"enum": [ACCEPTED, NEEDS_ACTION]}
    actor = {
        "type": "object",
        "required": ["identifier"],
        "properties": {"identifier": _identifier(IDENTIFIERS["professional"])},
        "additionalProperties": False,
    }
    named = {"type": "object", "required": ["actor", "status"], "properties": {"actor": actor, "status": status}}
    kind = {"type": "object", "minProperties": 1}
    unnamed = {
        "type": "object",
        "required": ["type", "status"],
        "properties": {"type": _list(kind), "status": status, "actor": False},
    }
    return {"oneOf": [named, unnamed]}
