"""The envelope of the Hub Santé around a message: EDXL-DE, with the header of the message inside (RC-DE). Pure."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from quinze.interop.lrm.rdv import Faulty

LONGEST = 200_000
DEEPEST = 20
LASTS = timedelta(days=1)  # of what we send
REPORT, ACK, ERROR = "Report", "Ack", "Error"
KINDS = (REPORT, ACK, ERROR)
NEEDED = frozenset(
    ["distributionID", "senderID", "dateTimeSent", "dateTimeExpires", "distributionStatus", "distributionKind",
     "descriptor", "content"]
)  # fmt: skip
INVALID, EXPIRED = (300, "INVALID_MESSAGE"), (400, "EXPIRED_MESSAGE_BEFORE_ROUTING")
EXISTS = (701, "CASE_ALREADY_EXISTS")
_CLIENT = re.compile(r"fr\.health\.[a-z0-9._-]{1,60}")
_NUMBER = re.compile(r"[\w.-]{1,120}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Envelope:
    number: str  # distributionID
    sender: str
    recipient: str
    kind: str
    expires: datetime
    message: dict[str, Any]
    whole: dict[str, Any]


def read(text: bytes) -> Envelope:
    """Raises Faulty: not an envelope, hence nothing that could be answered."""
    said = _json(text)
    if missing := sorted(NEEDED - said.keys()) or sorted(map(str, said.keys() - NEEDED)):
        raise Faulty([f"enveloppe : {', '.join(missing)[:200]}"])
    try:
        address = said["descriptor"]["explicitAddress"]
        message = said["content"][0]["jsonContent"]["embeddedJsonContent"]["message"]
        found = Envelope(
            number=_form(_NUMBER, said["distributionID"]),
            sender=_form(_CLIENT, said["senderID"]),
            recipient=_form(_CLIENT, address["explicitAddressValue"]),
            kind=said["distributionKind"],
            expires=_moment(said["dateTimeExpires"]),
            message=dict(message),
            whole=said,
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise Faulty(["enveloppe : structure inattendue"]) from error
    if found.kind not in KINDS or not found.number.startswith(f"{found.sender}_"):
        raise Faulty(["enveloppe : nature inconnue, ou identifiant sans le préfixe de l’émetteur"])
    return found


def _json(text: bytes) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise Faulty([f"message de plus de {LONGEST} octets"])
    try:
        said = json.loads(text.decode("utf-8"), parse_constant=_refused, object_pairs_hook=_once)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Faulty(["le message n’est pas du JSON en UTF-8"]) from error
    if not isinstance(said, dict) or not _shallow(said, DEEPEST) or "\\u0000" in text.decode("utf-8"):
        raise Faulty(["le message n’est pas un objet JSON acceptable"])
    return said


def _refused(name: str) -> None:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same name twice")
    return found


def _shallow(value: Any, left: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left > 0 and all(_shallow(each, left - 1) for each in inside)


def _form(form: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError
    return value


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError
    return found


# ---- writing


def report(appointment: dict[str, Any], *, number: str, sender: str, recipient: str, at: datetime) -> dict[str, Any]:
    """`at`: with the offset to write."""
    header = _header(REPORT, number=number, sender=sender, recipient=recipient, at=at)
    return _around(header | {"appointment": appointment}, REPORT, number=number, sender=sender, to=recipient, at=at)


def ack(of: Envelope, *, number: str, at: datetime) -> dict[str, Any]:
    header = _header(ACK, number=number, sender=of.recipient, recipient=of.sender, at=at)
    message = header | {"reference": {"distributionID": of.number}}
    return _around(message, ACK, number=number, sender=of.recipient, to=of.sender, at=at)


def error(of: Envelope, code: tuple[int, str], why: str, *, number: str, at: datetime) -> dict[str, Any]:
    """Without the header of a message, as the exchange has it for errors."""
    said = {
        "errorCode": {"statusCode": code[0], "statusString": code[1]},
        "errorCause": why[:1000],
        "sourceMessage": of.whole,
        "referencedDistributionID": of.number,
    }
    return _around({"error": said}, ERROR, number=number, sender=of.recipient, to=of.sender, at=at)


def _header(kind: str, *, number: str, sender: str, recipient: str, at: datetime) -> dict[str, Any]:
    return {
        "messageId": number,
        "sender": {"name": sender, "URI": f"hubex:{sender}"},
        "sentAt": _spelled(at),
        "kind": kind,
        "status": "Actual",
        "recipient": [{"name": recipient, "URI": f"hubex:{recipient}"}],
    }


def _around(message: dict[str, Any], kind: str, *, number: str, sender: str, to: str, at: datetime) -> dict[str, Any]:
    return {
        "distributionID": number,
        "senderID": sender,
        "dateTimeSent": _spelled(at),
        "dateTimeExpires": _spelled(at + LASTS),
        "distributionStatus": "Actual",
        "distributionKind": kind,
        "descriptor": {
            "language": "fr-FR",
            "explicitAddress": {"explicitAddressScheme": "hubex", "explicitAddressValue": to},
        },
        "content": [{"jsonContent": {"embeddedJsonContent": {"message": message}}}],
    }


def _spelled(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
