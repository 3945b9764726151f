"""What the people of the demonstration tell one another: announcements, questions and their answers, disputed figures.

Written last: an announcement is read on every page, and a dispute quotes what the doctor's page shows by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from quinze.accounts.actor import Actor
from quinze.accounts.announcements import Level
from quinze.accounts.help_desk import State, Theme
from quinze.accounts.models import Sas, User
from quinze.accounts.operations.announcement import announce, stop_announcement
from quinze.accounts.operations.help_request import answer_help, ask_help, take_help
from quinze.accounts.roles import Role
from quinze.base.periods import local_instant
from quinze.directory.models import Professional
from quinze.orientation.models import Dispute
from quinze.orientation.operations.dispute import Contested, answer_dispute, open_dispute
from quinze.orientation.queries.giving import giving, month_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROOM = (Role.ARM, Role.ARM_COORDINATOR, Role.SUPERVISOR, Role.OSNP, Role.REGULATEUR_AMU, Role.REGULATEUR_SNP)


@dataclass(frozen=True, slots=True)
class Question:
    """Who asked what, how long ago, and what came of it: `words` where somebody answered."""

    login: str
    role: Role
    theme: Theme
    ago: timedelta
    text: str
    page: str = ""
    by: str = ""
    by_role: Role = Role.ADMINISTRATOR
    state: State = State.NEW
    words: str = ""


QUESTIONS = (
    Question(
        "medecin", Role.EFFECTEUR, Theme.OFFER, 26 * HOUR,
        "Mon agenda du cabinet n’est plus lu depuis lundi. Dois-je fermer mes créneaux à la main en attendant ?",
        "interop:calendars", "comptes", Role.ACCOUNTS_MANAGER, State.ANSWERED,
        "Oui pour aujourd’hui : l’éditeur a changé votre adresse d’agenda. Recopiez la nouvelle dans « Mes agendas ».",
    ),
    Question(
        "secretariat", Role.DELEGATAIRE, Theme.DELEGATION, 3 * HOUR,
        "Un médecin du cabinet m’a invitée mais je ne vois pas ses créneaux. Que me reste-t-il à faire ?",
        "directory:delegations",
    ),
    Question(
        "arm", Role.ARM, Theme.ROSTER, 20 * HOUR,
        "J’ai demandé à ne pas travailler le mercredi : est-ce compté pour la semaine prochaine ?",
        "staffing:mine", "superviseur", Role.SUPERVISOR, State.IN_HAND,
    ),
    Question(
        "osnp", Role.OSNP, Theme.CASE, 2 * HOUR,
        "Un patient a deux demandes pour la même consigne : laquelle dois-je clore ?",
        "orientation:desk",
    ),
    Question(
        "snp", Role.REGULATEUR_SNP, Theme.CHARTER, 2 * DAY,
        "Pourquoi la maison médicale de garde vient-elle après SOS Médecins le samedi matin ?",
        "orientation:charter", "referent", Role.REFERENT, State.ANSWERED,
        "C’est l’ordre de la charte que le comité a votée. La question est à l’ordre du jour de décembre.",
    ),
    Question(
        "structure", Role.STRUCTURE_MANAGER, Theme.FAULT, 50 * timedelta(minutes=1),
        "La semaine du centre de santé s’imprime sur deux pages : peut-on la tenir sur une ?",
        "orientation:structure_week",
    ),
)  # fmt: skip


def tell(*, sas: Sas, at: datetime, users: Mapping[str, User], doctors: list[Professional]) -> None:
    _announcements(sas, at, users)
    for question in QUESTIONS:
        _ask(question, sas, at, users)
    if len(doctors) > 1:
        _disputes(sas, at, users, doctors)


def _announcements(sas: Sas, at: datetime, users: Mapping[str, User]) -> None:
    """One shown to the room, one to come for everybody, one that was stopped."""
    by = Actor(users["superviseur"], Role.SUPERVISOR, sas)
    over = announce(
        "Standard saturé : les appels du 116 117 attendent plus de deux minutes.", level=Level.INCIDENT,
        begins=at - 3 * DAY, ends=at + DAY, roles=ROOM, by=by, at=at - 3 * DAY,
    )  # fmt: skip
    stop_announcement(over.pk, by=by, at=at - 3 * DAY + 2 * HOUR)
    announce(
        "Bronchiolites : peu de créneaux de pédiatrie au nord de la Vienne jusqu’à la fin de la semaine.",
        level=Level.INFO, begins=at - 5 * HOUR, ends=at + 4 * DAY, roles=ROOM, by=by, at=at - 5 * HOUR,
    )  # fmt: skip
    night = at.astimezone(ZoneInfo(sas.zone)).date() + 3 * DAY
    announce(
        "Cette nuit de 3 h à 3 h 15, mise à jour de Quinze : gardez un dossier papier sous la main.",
        level=Level.ATTENTION, begins=local_instant(night, time(1), sas.zone),
        ends=local_instant(night, time(3, 15), sas.zone), by=by, at=at - 5 * HOUR,
    )  # fmt: skip


def _ask(question: Question, sas: Sas, at: datetime, users: Mapping[str, User]) -> None:
    asked_at = at - question.ago
    by = Actor(users[question.login], question.role, sas)
    asked = ask_help(question.text, theme=question.theme, by=by, at=asked_at, page=question.page)
    if not question.by:
        return
    answerer = Actor(users[question.by], question.by_role, sas)
    take_help(asked.pk, by=answerer, at=asked_at + HOUR / 2)
    if question.state == State.ANSWERED:
        answer_help(asked.pk, question.words, by=answerer, at=asked_at + HOUR)


def _disputes(sas: Sas, at: datetime, users: Mapping[str, User], doctors: list[Professional]) -> None:
    """The first doctor waits for an answer; the second had one."""
    _contest(
        doctors[0], Dispute.Figure.HOURS,
        "J’ai aussi reçu samedi matin hors de mes créneaux, à la demande de l’OSNP.", sas=sas, at=at - 5 * HOUR,
    )  # fmt: skip
    answered = _contest(
        doctors[1], Dispute.Figure.SEEN,
        "J’ai vu un patient du SAS venu avec une heure de retard : il manque ici.", sas=sas, at=at - 2 * DAY,
    )  # fmt: skip
    by = Actor(users["comptes"], Role.ACCOUNTS_MANAGER, sas)
    words = "Vérifié avec l’OSNP : l’issue du rendez-vous est corrigée, le chiffre suivra demain."
    answer_dispute(pk=answered.pk, accepted=True, text=words, by=by, at=at - DAY)


def _contest(doctor: Professional, figure: Dispute.Figure, text: str, *, sas: Sas, at: datetime) -> Dispute:
    today = at.astimezone(ZoneInfo(sas.zone)).date()
    found = giving(doctor, sas=sas, month=month_of("", today=today), at=at)
    week = next(week.monday for week in reversed(found.weeks) if week.monday <= today)
    contested = Contested(figure, week, week + 6 * DAY, found.shown(figure, week))
    owner = doctor.account
    if owner is None:
        raise ValueError(f"{doctor} has no account to contest with")
    return open_dispute(
        professional=doctor, contested=contested, text=text, by=Actor(owner, Role.EFFECTEUR, sas), at=at
    )
