"""What a call centre is, as values that cannot be absurd.

Seconds everywhere, except rates (calls per quarter-hour, background tasks per hour). A quarter-hour ("slot") is 900 s;
slot 0 starts at time 0. A call goes through the steps of its class one after the other, each at one level; what it
meets there (patience, wrap-up, pick-up delay, reserve) belongs to the level.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum

from .durations import NOTHING, Duration
from .errors import ScenarioError, whole, within

SLOT = 900.0
SLOT_MINUTES = 15
DAY_SLOTS = 96
MOST_SLOTS = DAY_SLOTS * 366
MOST_STEPS = 4
MOST_AGENTS = 10_000
MOST_CENTRES = 200
MOST_CALLS_PER_SLOT = 100_000
MOST_CALLS = 5_000_000
LOWEST_PRIORITY = 9
MOST_REPLICATIONS = 10_000
LARGEST_SEED = 2**63 - 1
HOUR = 3600


class Level(IntEnum):
    N1 = 0
    N2_AMU = 1
    N2_SNP = 2
    N3_AMU = 3
    N3_SNP = 4
    N4 = 5


class CallClass(IntEnum):
    """Vital, urgent (AMU), unplanned care (SNP), and calls that open no file (wrong number, repeat, administrative)."""

    V = 0
    A = 1
    S = 2
    X = 3


class Handover(IntEnum):
    """How a call passes to its next step. BLIND: the agent is freed, the caller waits on the line. ATTENDED: the agent
    keeps the caller until the next one answers, briefs, then leaves. CALLBACK: the caller hangs up and is called back.
    """

    BLIND = 0
    ATTENDED = 1
    CALLBACK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`goes_on` is the probability of a next step; `handover` and `conference` (the briefing) are how it is reached.
    Priority 0 is served first and alone may take an agent of the reserve.
    """

    level: Level
    talk: Duration
    priority: int = 1
    goes_on: float = 0.0
    handover: Handover = Handover.BLIND
    conference: Duration = NOTHING

    def __post_init__(self) -> None:
        place = f"étape {self.level.name}"
        within(self.talk.mean, 1, 4 * HOUR, place=f"{place}, durée moyenne de conversation", unit="secondes")
        within(self.conference.mean, 0, HOUR, place=f"{place}, durée de conférence", unit="secondes")
        within(self.goes_on, 0, 1, place=f"{place}, probabilité de continuer")
        whole(self.priority, 0, LOWEST_PRIORITY, place=f"{place}, priorité")
        if self.conference.mean and self.handover is not Handover.ATTENDED:
            raise ScenarioError(f"{place}, conférence", "elle n’a lieu que si le passage à la suite est accompagné.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRules:
    share: float
    path: tuple[Step, ...]

    def __post_init__(self) -> None:
        within(self.share, 0, 1, place="part de la classe")
        if not 1 <= len(self.path) <= MOST_STEPS:
            raise ScenarioError("parcours", f"{len(self.path)} étapes ; il en faut de 1 à {MOST_STEPS}.")
        if any(step.goes_on for step in self.path[-1:]):
            raise ScenarioError("parcours", "la dernière étape ne peut pas continuer : il n’y a rien après elle.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRules:
    """`patience` None: nobody hangs up. `answer_delay`: seconds of ringing at the agent's. `reserve`: idle agents kept
    for priority 0. `call_back`: who hangs up while waiting here keeps their place and is called back (never at the
    first step of a call). `divert_after`: a caller who has waited so long leaves for the neighbour SAS.
    """

    patience: Duration | None = None
    wrap_up: Duration = NOTHING
    answer_delay: float = 0.0
    reserve: int = 0
    call_back: bool = True
    divert_after: float | None = None

    def __post_init__(self) -> None:
        if self.patience is not None:
            within(self.patience.mean, 1, 24 * HOUR, place="patience moyenne", unit="secondes")
        within(self.wrap_up.mean, 0, 4 * HOUR, place="travail après appel", unit="secondes")
        within(self.answer_delay, 0, 120, place="délai de décroché", unit="secondes")
        whole(self.reserve, 0, MOST_AGENTS, place="réserve", unit="agents")
        if self.divert_after is not None:
            within(self.divert_after, 1, 4 * HOUR, place="débordement vers un voisin", unit="secondes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """`after`: these agents take calls of the level only when they have waited so many seconds (mutual help)."""

    level: Level
    after: float = 0.0

    def __post_init__(self) -> None:
        within(self.after, 0, 4 * HOUR, place=f"entraide {self.level.name}", unit="secondes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Agents who do the same work. `skills` in order of preference; `agents` on duty, one figure per quarter-hour:
    the agents of lowest rank are the ones who are there.
    """

    name: str
    skills: tuple[Skill, ...]
    agents: tuple[int, ...]

    def __post_init__(self) -> None:
        place = f"groupe « {self.name} »"
        if not self.skills:
            raise ScenarioError(place, "aucune compétence ; il en faut au moins une.")
        _no_twice([skill.level.name for skill in self.skills], place=f"{place}, compétences")
        for count in set(self.agents):
            whole(count, 0, MOST_AGENTS, place=f"{place}, agents présents", unit="agents")


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Work that no caller waits for (outgoing calls, follow-up), taken when the level has nothing before it."""

    level: Level
    per_hour: float
    duration: Duration
    priority: int = LOWEST_PRIORITY

    def __post_init__(self) -> None:
        place = f"travail de fond {self.level.name}"
        within(self.per_hour, 0, 10_000, place=f"{place}, tâches par heure")
        within(self.duration.mean, 1, 4 * HOUR, place=f"{place}, durée moyenne", unit="secondes")
        whole(self.priority, 0, LOWEST_PRIORITY, place=f"{place}, priorité")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Expected calls per quarter-hour. Over-dispersion: a lognormal factor per day (`day_cv`, of which
    `day_correlation` carries over to the next day) times a gamma factor per quarter-hour (`slot_cv`); 0 is Poisson.
    `regular`: evenly spaced instead of random.
    """

    per_slot: tuple[float, ...]
    day_cv: float = 0.0
    day_correlation: float = 0.0
    slot_cv: float = 0.0
    regular: bool = False

    def __post_init__(self) -> None:
        for rate in set(self.per_slot):
            within(rate, 0, MOST_CALLS_PER_SLOT, place="appels par quart d’heure")
        within(self.day_cv, 0, 2, place="variabilité d’un jour à l’autre")
        within(self.day_correlation, 0, 0.99, place="corrélation d’un jour à l’autre")
        within(self.slot_cv, 0, 2, place="variabilité d’un quart d’heure à l’autre")


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """`trunks`: lines of the switch; a caller who finds them all taken hears the busy tone. None: enough."""

    name: str
    arrivals: Arrivals
    groups: tuple[Group, ...]
    background: tuple[Background, ...] = ()
    trunks: int | None = None

    def __post_init__(self) -> None:
        place = f"centre « {self.name} »"
        if not self.groups:
            raise ScenarioError(place, "aucun groupe d’agents ; il en faut au moins un.")
        _no_twice([group.name for group in self.groups], place=f"{place}, groupes")
        _no_twice([task.level.name for task in self.background], place=f"{place}, travail de fond")
        if self.trunks is not None:
            whole(self.trunks, 1, 100_000, place=f"{place}, lignes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redial:
    """Who hung up at the door, or heard the busy tone, calls again after `delay`, at most `attempts` times."""

    after_abandon: float = 0.0
    after_busy: float = 0.0
    delay: Duration = NOTHING
    attempts: int = 0

    def __post_init__(self) -> None:
        within(self.after_abandon, 0, 1, place="rappel après abandon")
        within(self.after_busy, 0, 1, place="rappel après occupation")
        whole(self.attempts, 0, 10, place="nombre de rappels")
        if self.attempts and self.after_abandon + self.after_busy:
            within(self.delay.mean, 1, 24 * HOUR, place="délai avant rappel", unit="secondes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling:
    """Centres answer each other's calls at these levels once they have waited `after` seconds; 0 is one virtual queue
    (the longest idle agent of all centres answers)."""

    levels: tuple[Level, ...]
    after: float = 0.0

    def __post_init__(self) -> None:
        within(self.after, 0, 4 * HOUR, place="mutualisation", unit="secondes")
        _no_twice([level.name for level in self.levels], place="mutualisation, niveaux")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """The telephony is down: whoever calls meanwhile hears the busy tone; calls in progress go on."""

    start: float
    end: float
    centre: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Agents of a group missing, from a quarter-hour to another (excluded)."""

    group: str
    agents: int
    start_slot: int
    end_slot: int
    centre: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """Calls multiplied, from a quarter-hour to another (excluded)."""

    factor: float
    start_slot: int
    end_slot: int
    centre: str | None = None

    def __post_init__(self) -> None:
        within(self.factor, 0, 50, place="afflux, facteur")


Incident = Outage | Absence | Surge


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`classes` in the order V, A, S, X and `levels` in the order of `Level`. The first `warm_up` slots are played and
    not counted. `starts_at`: minutes after midnight of slot 0, for labels only.
    """

    name: str
    slots: int
    centres: tuple[Centre, ...]
    classes: tuple[ClassRules, ClassRules, ClassRules, ClassRules]
    levels: tuple[LevelRules, LevelRules, LevelRules, LevelRules, LevelRules, LevelRules] = field(
        default=(LevelRules(),) * 6
    )
    redial: Redial = Redial()
    pooling: Pooling | None = None
    incidents: tuple[Incident, ...] = ()
    warm_up: int = 0
    starts_at: int = 0
    seed: int = 1
    replications: int = 10

    def __post_init__(self) -> None:
        whole(self.slots, 1, MOST_SLOTS, place="quarts d’heure simulés")
        whole(self.warm_up, 0, self.slots - 1, place="mise en route", unit="quarts d’heure")
        whole(self.starts_at, 0, 24 * 60 - 1, place="heure de début, en minutes")
        whole(self.seed, 0, LARGEST_SEED, place="graine")
        whole(self.replications, 1, MOST_REPLICATIONS, place="réplications")
        whole(len(self.centres), 1, MOST_CENTRES, place="nombre de centres")
        _no_twice([centre.name for centre in self.centres], place="centres")
        self._shares()
        for centre in self.centres:
            self._centre(centre)
        for incident in self.incidents:
            self._incident(incident)
        self._size()

    def _shares(self) -> None:
        total = sum(rules.share for rules in self.classes)
        if abs(total - 1) > 1e-6:
            raise ScenarioError("parts des classes V, A, S, X", f"leur somme est {total:g} ; elle doit être 1.")

    def _centre(self, centre: Centre) -> None:
        place = f"centre « {centre.name} »"
        if len(centre.arrivals.per_slot) != self.slots:
            given = len(centre.arrivals.per_slot)
            raise ScenarioError(f"{place}, appels", f"{given} quarts d’heure ; le scénario en a {self.slots}.")
        for group in centre.groups:
            if len(group.agents) != self.slots:
                given = len(group.agents)
                raise ScenarioError(
                    f"{place}, groupe « {group.name} »", f"{given} quarts d’heure ; le scénario en a {self.slots}."
                )
        self._served(centre)

    def _served(self, centre: Centre) -> None:
        """By its own agents, or by those of any centre where the level is shared."""
        shared = set(self.pooling.levels) if self.pooling else set()
        staffed = _staffed(centre) | {level for other in self.centres for level in _staffed(other) & shared}
        asked = {step.level for rules in self.classes if rules.share for step in rules.path}
        for level in sorted(asked - staffed):
            raise ScenarioError(
                f"centre « {centre.name} »", f"des appels vont en {level.name} et aucun groupe n’y répond."
            )

    def _size(self) -> None:
        agents = sum(max(group.agents) for centre in self.centres for group in centre.groups)
        whole(agents, 1, MOST_AGENTS, place="agents en tout", unit="agents")
        for centre in self.centres:
            tasks = sum(task.per_hour for task in centre.background) * self.slots * SLOT / HOUR
            calls = self._calls(centre) + tasks
            within(calls, 0, MOST_CALLS / len(self.centres), place="appels et tâches attendus par réplication")

    def _calls(self, centre: Centre) -> float:
        """Expected, surges included."""
        rates = list(centre.arrivals.per_slot)
        for surge in self.incidents:
            if isinstance(surge, Surge) and surge.centre in {None, centre.name}:
                window = slice(surge.start_slot, surge.end_slot)
                rates[window] = [rate * surge.factor for rate in rates[window]]
        return sum(rates)

    def _incident(self, incident: Incident) -> None:
        names = {centre.name for centre in self.centres}
        if incident.centre is not None and incident.centre not in names:
            raise ScenarioError("incident", f"le centre « {incident.centre} » n’existe pas.")
        if isinstance(incident, Outage):
            within(incident.start, 0, self.slots * SLOT, place="panne, début", unit="secondes")
            within(incident.end, incident.start, self.slots * SLOT, place="panne, fin", unit="secondes")
            return
        whole(incident.start_slot, 0, self.slots, place="incident, premier quart d’heure")
        whole(incident.end_slot, incident.start_slot, self.slots, place="incident, dernier quart d’heure")
        if isinstance(incident, Absence):
            self._absence(incident)

    def _absence(self, absence: Absence) -> None:
        whole(absence.agents, 1, MOST_AGENTS, place="absence, agents")
        concerned = [centre for centre in self.centres if absence.centre in {None, centre.name}]
        if not any(group.name == absence.group for centre in concerned for group in centre.groups):
            raise ScenarioError("absence", f"le groupe « {absence.group} » n’existe pas.")


def _staffed(centre: Centre) -> set[Level]:
    return {skill.level for group in centre.groups for skill in group.skills}


def _no_twice(names: list[str], *, place: str) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise ScenarioError(place, f"« {name} » est donné {times} fois ; une seule est acceptée.")
