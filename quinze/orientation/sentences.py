"""French sentences about requests and appointments: for the chronology, the desks and the messages."""

from datetime import datetime
from zoneinfo import ZoneInfo

DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
FAR = 9000  # a year that stands for "until further notice"


def clock(instant: datetime, zone: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.hour} h {local.minute:02d}" if local.minute else f"{local.hour} h"


def day(instant: datetime, zone: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    number = "1er" if local.day == 1 else str(local.day)
    return f"{DAYS[local.weekday()]} {number} {MONTHS[local.month - 1]}"


def moment(instant: datetime, zone: str) -> str:
    return f"{day(instant, zone)} à {clock(instant, zone)}"


def until(instant: datetime | None, zone: str) -> str:
    if instant is None or instant.year >= FAR:
        return "jusqu’à nouvel ordre"
    return f"jusqu’au {moment(instant, zone)}"


def kilometres(km: float) -> str:
    return f"{km:.1f}".replace(".", ",") + " km"


def joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def appointment(*, who: str, starts_at: datetime, zone: str, where: str) -> str:
    return joined(who, moment(starts_at, zone), where)
