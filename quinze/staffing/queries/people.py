"""People of the room, with what the rules of rosters must know of them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import DurationField, ExpressionWrapper, F, Q, Sum

from quinze.accounts.models import RoleGrant, Sas, User
from quinze.accounts.roles import Role
from quinze.base.periods import period
from quinze.staffing.eligibility import Notice, notices
from quinze.staffing.models import RosterAssignment, StaffMember
from quinze.staffing.queries import planning
from quinze.staffing.queries.facts import facts_of
from quinze.staffing.queries.rosters import ROLES, people_granted

REGULATING = (Role.REGULATEUR_AMU, Role.REGULATEUR_SNP)


@dataclass(frozen=True, slots=True)
class OnSite:
    """Hours of regulation planned since the first of January: on site, of all of them, against the share asked."""

    here: timedelta
    whole: timedelta
    asked: float

    @property
    def share(self) -> float:
        return self.here / self.whole if self.whole else 0.0

    @property
    def short(self) -> bool:
        return bool(self.whole) and self.share < self.asked - 1e-9

    @property
    def told(self) -> str:
        if not self.whole:
            return "aucune garde cette année"
        hours = f"{self.here / timedelta(hours=1):.0f} h sur {self.whole / timedelta(hours=1):.0f}"
        return f"{100 * self.share:.0f} % sur place ({hours}) pour {100 * self.asked:.0f} %"


@dataclass(frozen=True, slots=True)
class Member:
    """`on_site`: of those who regulate from a distance."""

    user: User
    roles: str
    settings: StaffMember | None
    on_site: OnSite | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def kept(self) -> str:
        """The posts they are planned on, when they are kept to some."""
        return ", ".join(Role(post).label for post in self.settings.posts) if self.settings else ""


def members(sas: Sas, *, at: datetime) -> list[Member]:
    """Everybody who may hold a post of the room today, with their settings: six questions."""
    roles = defaultdict[int, list[str]](list)
    for grant in RoleGrant.objects.filter(sas=sas, role__in=ROLES, during__contains=at).order_by("role"):
        roles[grant.user_id].append(grant.role)
    known = {each.user_id: each for each in StaffMember.objects.filter(sas=sas)}
    here = _on_site(sas, [pk for pk, each in known.items() if each.remote], at=at)
    people, today = list(people_granted(sas, at=at)), at.astimezone(ZoneInfo(sas.zone)).date()
    facts = facts_of(sas, [user.pk for user in people])
    return [
        Member(
            user, ", ".join(Role(role).label for role in roles[user.pk]), known.get(user.pk), here.get(user.pk),
            notices(facts[user.pk], roles=roles[user.pk], remote=user.pk in here, today=today),
        )
        for user in people
    ]  # fmt: skip


def _on_site(sas: Sas, users: Collection[int], *, at: datetime) -> dict[int, OnSite]:
    """Shifts begun since the first of January, in the time of the SAS; the share asked is that of today's rules."""
    today = at.astimezone(ZoneInfo(sas.zone))
    january = today.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    asked = planning.rules(sas, today.date()).on_site_share
    lasted = ExpressionWrapper(F("during__endswith") - F("during__startswith"), output_field=DurationField())
    done = RosterAssignment.objects.filter(
        user__in=users, shift__sas=sas, shift__role__in=REGULATING, during__startswith__gte=january,
        during__overlap=period(january, at),
    )  # fmt: skip
    sums = done.values("user").annotate(whole=Sum(lasted), here=Sum(lasted, filter=Q(on_site=True)))
    nothing = timedelta(0)
    found = {pk: OnSite(nothing, nothing, asked) for pk in users}
    return found | {each["user"]: OnSite(each["here"] or nothing, each["whole"], asked) for each in sums}
