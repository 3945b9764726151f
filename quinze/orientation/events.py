"""What the folders above hear of an orientation, in the transaction that makes it true."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class OrientationEvent:
    """`text` is the French line of the chronology; `data` always names the request, and the booking if any."""

    case_number: str
    sas_id: int
    at: datetime
    by_id: int | None
    kind: str
    text: str
    data: dict[str, Any] = field(default_factory=dict)
