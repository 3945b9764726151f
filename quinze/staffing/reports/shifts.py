"""Shifts of a week: what each post needs by quarter-hour, which shifts hold it, how many people that makes."""

import math
from typing import Any

from quinze.staffing.covering import QUARTERS_OF_DAY, WEEKS_OF_YEAR, Asked, Post, covered
from quinze.staffing.reports.report import Drawing, Report, Section, Table, columns, written
from quinze.staffing.shift_kinds import STEP, shown

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
LIMITS = (
    (
        "Chaque ligne est calculée seule, par Erlang A au décroché et Erlang C ensuite, quart d’heure par quart"
        " d’heure ; N1 et N2 AMU sont tenus ensemble par les ARM, qui se partagent les deux lignes."
    ),
    "Les gardes couvrent une semaine suivie de la même. Elles sont sans nom : le planning les donne ensuite à chacun.",
    (
        "Une pause est placée dans le tiers du milieu de la garde ; les coûts servent à choisir entre les sortes de"
        " gardes, ce ne sont pas des euros."
    ),
)
SAME = "Les sept jours sont supposés égaux : donnez vos appels du lundi au dimanche, ou une prévision."


def shifts_report(asked: Asked, *, place: str) -> Report:
    posts = covered(asked)
    supposed = not asked.rates and len(set(asked.by_day)) == 1
    return Report(
        name="gardes-a-prevoir",
        title=f"Gardes à prévoir, {place}",
        subtitle=asked.source or "Semaine type de l’étude de capacité, jour chargé" * asked.busy
        or "Semaine type de l’étude de capacité",
        answer=_answer(asked, posts),
        sections=(
            _people(asked, posts),
            _shrinkage(asked),
            *(_coverage(post) for post in posts),
            _shifts(posts),
        ),
        limits=(*LIMITS, *((SAME,) if supposed else ())),
    )  # fmt: skip


def _answer(asked: Asked, posts: tuple[Post, ...]) -> tuple[str, ...]:
    count = sum(each.count for post in posts for each in post.cover.planned)
    paid, needed = (math.fsum(getattr(post, name) for post in posts) for name in ("paid_hours", "needed_hours"))
    fte = math.fsum(post.fte(asked.study) for post in posts)
    short = math.fsum(post.short_hours for post in posts)
    lacking = f" {written(short, 'tenth')} h restent sans personne." if short else " Aucun quart d’heure n’est vide."
    return (
        (
            f"{count} gardes par semaine tiennent tous les postes : {written(paid, 'count')} heures payées pour"
            f" {written(needed, 'count')} heures de poste.{lacking}"
        ),
        f"Il faut {written(fte, 'tenth')} équivalents temps plein.",
    )


def _people(asked: Asked, posts: tuple[Post, ...]) -> Section:
    heads = columns(
        "Poste", ("Gardes", "count"), ("Heures de poste", "tenth"), ("Heures payées", "tenth"), ("dont nuit", "tenth"),
        ("Sans personne", "tenth"), ("ETP", "tenth"),
    )  # fmt: skip
    rows = tuple(
        (
            post.role.label, sum(each.count for each in post.cover.planned), post.needed_hours, post.paid_hours,
            post.night_hours, post.short_hours, post.fte(asked.study),
        )
        for post in posts
    )  # fmt: skip
    return Section("Heures et équivalents temps plein", table=Table("Par poste, par semaine", heads, rows))


def _shrinkage(asked: Asked) -> Section:
    """Line by line, from a paid hour to an hour held."""
    study, left = asked.study, 1.0
    rows: list[tuple[Any, ...]] = []
    for name, part in study.shrinkage.factors[:3]:
        left *= 1 - part
        rows.append((name, part, left))
    text = (
        f"Une garde payée {written(1 / left, 'rate')} fois : il faut aussi payer qui est absent, en congé ou en"
        " formation. Les pauses sont déjà dans les gardes. Un équivalent temps plein fait"
        f" {study.day_hours:g} h par an le jour, {study.night_hours:g} h la nuit (21 h à 6 h), soit"
        f" {written(study.day_hours / WEEKS_OF_YEAR, 'tenth')} et"
        f" {written(study.night_hours / WEEKS_OF_YEAR, 'tenth')} h par semaine."
    )
    heads = columns("Facteur", ("Part", "share"), ("Reste", "share"))
    return Section(
        "Des gardes aux personnes",
        paragraphs=(text,),
        table=Table("Part du temps payé hors des gardes", heads, tuple(rows)),
    )


def _coverage(post: Post) -> Section:
    label = f"{post.role.label} : besoin et personnes présentes, par quart d’heure"
    heads = columns("Jour", ("Besoin le plus fort", "count"), ("Heures de poste", "tenth"), ("Heures tenues", "tenth"),
                    ("Sans personne", "tenth"))  # fmt: skip
    rows = tuple(_day(post, day) for day in range(len(post.needed) // QUARTERS_OF_DAY))
    return Section(post.role.label, table=Table("Par jour", heads, rows), drawing=_drawing(post), drawing_label=label)


def _day(post: Post, day: int) -> tuple[Any, ...]:
    part = slice(day * QUARTERS_OF_DAY, (day + 1) * QUARTERS_OF_DAY)
    needed = post.needed[part]
    return (
        DAYS[day % 7],
        max(needed),
        sum(needed) / 4,
        sum(post.cover.covered[part]) / 4,
        sum(post.cover.short[part]) / 4,
    )


def _drawing(post: Post) -> Drawing:
    def drawn() -> dict[str, Any]:
        from quinze.staffing.reports import charts  # noqa: PLC0415  (Altair takes a second)

        rows = [
            {"quart": at / QUARTERS_OF_DAY, "besoin": needed, "present": there}
            for at, (needed, there) in enumerate(zip(post.needed, post.cover.covered, strict=True))
        ]
        return charts.coverage(rows, days=DAYS, title="personnes")

    return drawn


def _shifts(posts: tuple[Post, ...]) -> Section:
    heads = columns("Poste", "Jour", "Garde", "De", "À", ("Places", "count"), "Pauses")
    rows = tuple(
        (
            post.role.label, DAYS[each.slot // QUARTERS_OF_DAY], each.kind.name,
            shown(each.slot % QUARTERS_OF_DAY * STEP),
            shown((each.slot % QUARTERS_OF_DAY * STEP + each.kind.minutes) % (24 * 60)), each.count,
            ", ".join(shown((each.slot % QUARTERS_OF_DAY * STEP + pause) % (24 * 60)) for pause in sorted(each.pauses)),
        )
        for post in posts
        for each in sorted(post.cover.planned, key=lambda planned: (planned.slot, planned.kind.name))
    )  # fmt: skip
    return Section("Gardes de la semaine", table=Table("Sans nom : à prévoir, puis à donner", heads, rows))
