"""What a roster and a replacement write in a doctor's week: hours of regulation, and under whose name slots stay."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from quinze.availability.queries.covers import covers_between, regulating
from quinze.availability.queries.week import Block, Week
from quinze.base.periods import local_instant
from quinze.directory.models import Professional


def put_regulation(week: Week, professional: Professional) -> None:
    """Its own block for each run of hours; the openings of covered hours say who receives."""
    zone = ZoneInfo(week.zone)
    since = local_instant(week.monday, time.min, week.zone)
    until = local_instant(week.monday + timedelta(days=7), time.min, week.zone)
    covers = [
        (cover.during.lower.astimezone(zone), cover.during.upper.astimezone(zone), cover.words)
        for cover in covers_between(professional, start=since, end=until)
    ]
    for block in week.blocks:
        if block.css != "abs":
            block.lines += [f"reçoit : {words}" for start, end, words in covers if _meet(block, start, end)]
    for hours in regulating(professional, since=since, until=until):
        start, end = max(hours.start, since).astimezone(zone), min(hours.end, until).astimezone(zone)
        week.blocks.extend(_days(start, end, f"{hours.role}, {hours.sas}"))


def _meet(block: Block, start: datetime, end: datetime) -> bool:
    return block.start < end and start < block.end


def _days(start: datetime, end: datetime, where: str) -> list[Block]:
    """A block a day: a night is two."""
    blocks = []
    while start < end:
        midnight = datetime.combine(start.date() + timedelta(days=1), time.min, start.tzinfo)
        blocks.append(Block(start, min(end, midnight), "abs", "Vous régulez", [where]))
        start = midnight
    return blocks
