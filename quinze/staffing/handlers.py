"""Who is on duty decides who may take which post. Lives hang on it: nobody stays out because of a missing list.

No roster published for the week: everybody comes in, and is told so. Published, and the person is not on it: refused,
unless somebody let them in, unless nobody is there who could, and never a supervisor. What was let through is written
down.
"""

from zoneinfo import ZoneInfo

from quinze.accounts.events import PostAsked
from quinze.availability.events import RegulationAsked
from quinze.base.errors import Refusal
from quinze.base.events import subscribe
from quinze.staffing.models import RosterEvent
from quinze.staffing.queries import rosters
from quinze.staffing.queries.facts import limit_today
from quinze.staffing.queries.regulating import regulation_of
from quinze.staffing.rostering import monday_of


def register() -> None:
    subscribe(PostAsked, check_roster)
    subscribe(PostAsked, check_facts)
    subscribe(RegulationAsked, say_when_they_regulate)


def check_facts(event: PostAsked) -> None:
    """Told, never refused: a date that nobody wrote down must not leave a desk empty."""
    if event.role not in rosters.ROLES:
        return
    today = event.at.astimezone(ZoneInfo(event.sas.zone)).date()
    if limit := limit_today(event.user.pk, sas=event.sas, role=event.role, day=today):
        event.warn(f"{limit.said} Voyez le superviseur : votre situation est à mettre à jour.")


def check_roster(event: PostAsked) -> None:
    if event.role not in rosters.ROLES:
        return
    monday = monday_of(event.at.astimezone(ZoneInfo(event.sas.zone)).date())
    found = rosters.expectation(event.user, sas=event.sas, role=event.role, monday=monday, at=event.at)
    if found.expected or found.passed or not found.used:
        return
    if not found.governed:
        event.warn(
            f"Le planning de la semaine n’est pas publié pour le poste {event.role.label} : vous entrez sans lui."
        )
        return
    if event.role not in rosters.MAY_OPEN_POSTS and rosters.somebody_may_open(event.sas, at=event.at):
        raise Refusal(
            f"Vous n’êtes pas au planning comme {event.role.label} à cette heure. Demandez au superviseur ou à l’ARM "
            "coordonnateur de vous ouvrir le poste (page « Planning », « Ouvrir un poste »).",
            field="grant",
            code="not_on_the_roster",
        )
    event.warn(f"Vous n’êtes pas au planning comme {event.role.label} à cette heure : votre prise de poste est notée.")
    said = f"{event.role.label} pris hors planning par {event.user}."
    RosterEvent.objects.create(
        sas=event.sas, kind=RosterEvent.Kind.UNPLANNED, user=event.user, said=said, by=event.user, at=event.at
    )


def say_when_they_regulate(event: RegulationAsked) -> None:
    """For the agenda of a city doctor, who is not at the practice then."""
    event.found.extend(regulation_of(event.user_id, since=event.since, until=event.until))
