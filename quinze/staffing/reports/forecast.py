"""A forecast that was kept: calls by day and quarter-hour with their intervals, and what it is worth."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from quinze.staffing.models import CallForecast
from quinze.staffing.reports.report import Drawing, Report, Section, Table, columns, hour, written

DAYS_SHOWN = 14
LIMITS = (
    "Une prévision lit le calendrier : un nouveau numéro, une grève, un afflux ne s’y voient pas d’avance.",
    "Les intervalles sont ceux d’un quart d’heure ; ceux d’un jour entier seraient plus étroits.",
)


def forecast_report(found: CallForecast, *, place: str, zone: str) -> Report:
    days = _by_day(found, ZoneInfo(zone))
    whole = sum(found.content["mean"])
    return Report(
        name="prevision-des-appels",
        title=f"Prévision des appels, {place}",
        subtitle=f"Faite le {found.at.astimezone(ZoneInfo(zone)):%d/%m/%Y à %H:%M} par {found.by}",
        answer=(f"{written(whole, 'count')} appels attendus en {found.days} jours, dès le {found.first:%d/%m/%Y}.",),
        sections=(
            Section("Ce qu’elle vaut", paragraphs=tuple(line.strip() for line in found.report.splitlines() if line)),
            Section("Par jour", table=_days(days), drawing=_drawing(days), drawing_label="Appels par quart d’heure"),
        ),
        limits=LIMITS,
    )  # fmt: skip


Cells = list[tuple[datetime, float, float, float]]


def _by_day(found: CallForecast, zone: ZoneInfo) -> dict[date, Cells]:
    content = found.content
    days = defaultdict[date, Cells](list)
    for start, mean, low, high in zip(content["starts"], content["mean"], content["low"], content["high"], strict=True):
        at = datetime.fromisoformat(start).astimezone(zone)
        days[at.date()].append((at, mean, low, high))
    return dict(list(days.items())[:DAYS_SHOWN])


def _days(days: dict[date, Cells]) -> Table:
    heads = columns("Jour", ("Appels attendus", "count"), "Heure la plus chargée", ("Appels de cette heure", "tenth"))
    rows = []
    for day, cells in days.items():
        by_hour = defaultdict[int, float](float)
        for at, mean, _, _ in cells:
            by_hour[at.hour] += mean
        busiest = max(by_hour, key=lambda at: by_hour[at])
        rows.append((f"{day:%d/%m/%Y}", sum(mean for _, mean, _, _ in cells), hour(busiest), by_hour[busiest]))
    return Table("Par jour de la prévision", heads, tuple(rows))


def _drawing(days: dict[date, Cells]) -> Drawing:
    def drawn() -> dict[str, Any]:
        from quinze.staffing.reports import charts  # noqa: PLC0415  (Altair takes a second)

        rows = [
            {"quart": at.replace(tzinfo=None).isoformat(), "appels": mean, "bas": low, "haut": high}
            for cells in days.values()
            for at, mean, low, high in cells
        ]
        return charts.expected(rows, title="appels par quart d’heure")

    return drawn
