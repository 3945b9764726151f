"""From an untrusted JSON document to a charter, or to every reason why it is not one."""

from collections.abc import Mapping
from typing import Any

from .calendar import DAY_MINUTES, EVERY_DAY, Holidays, Window
from .document import (
    SELECTORS_WITH_VALUES,
    Charter,
    Km,
    Level,
    Minutes,
    Needs,
    Offer,
    Opens,
    OrderKey,
    Participation,
    Radius,
    Selector,
    Special,
    Steps,
    Who,
)
from .errors import CharterError, Fault
from .fields import Place, choice, clock, day, decimal, flag, items, mapping, text, whole

MOST_LEVELS = 30
MOST_MINUTES = 180
MOST_KM = 300
MOST_WAIT_MINUTES = 24 * 60
MOST_UNSERVED_HOURS = 72
OLDEST_MONTHS = 120 * 12

CHARTER_FIELDS = frozenset(
    {"version", "title", "authors", "agreed_on", "default_radius", "default_order", "steps", "levels"}
)
LEVEL_FIELDS = frozenset({"name", "who", "offer", "within", "when", "needs", "opens", "order"})
WINDOW_FIELDS = frozenset({"days", "from", "to", "holidays", "pdsa"})
NEEDS_FIELDS = frozenset({"modality", "specialty", "mobility", "vulnerability", "min_age_months", "max_age_months"})
OPENS_FIELDS = frozenset({"after_minutes", "unserved_hours"})
STEPS_FIELDS = frozenset({"earliest_minutes", "nearest_minutes", "fairest"})


def charter_from_json(document: Any) -> Charter:
    faults: list[Fault] = []
    charter = _charter(document, Place(faults))
    if faults:
        raise CharterError(faults)
    return charter


def _charter(document: Any, root: Place) -> Charter:
    raw = mapping(document, root, known=CHARTER_FIELDS)
    return Charter(
        version=_version(raw.get("version"), root.at("version", "version")),
        title=text(raw.get("title"), root.at("title", "titre")),
        authors=tuple(items(raw.get("authors", []), root.at("authors", "auteurs"), text)),
        agreed_on=day(raw.get("agreed_on"), root.at("agreed_on", "date d'accord du comité")),
        default_radius=_default_radius(raw, root.at("default_radius", "distance par défaut")),
        default_order=_default_order(raw, root.at("default_order", "ordre par défaut")),
        steps=_steps(raw.get("steps", {}), root.at("steps", "pas")),
        levels=_levels(raw.get("levels"), root.at("levels", "niveaux")),
    )


def _version(raw: Any, place: Place) -> str:
    return str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else text(raw, place)


def _default_radius(raw: Mapping[str, Any], place: Place) -> Radius:
    radius = _radius(raw.get("default_radius", Special.TERRITORY.value), place)
    if radius is Special.DEFAULT:
        place.refuse("la distance par défaut ne peut pas renvoyer à elle-même ; écrivez des minutes ou des km.")
    return radius


def _default_order(raw: Mapping[str, Any], place: Place) -> tuple[OrderKey, ...]:
    return tuple(items(raw.get("default_order", ["earliest", "nearest"]), place, _order_key, least=1))


def _order_key(raw: Any, place: Place) -> OrderKey:
    return choice(raw, place, among=OrderKey)


def _steps(raw: Any, place: Place) -> Steps:
    raw = mapping(raw, place, known=STEPS_FIELDS)
    fairest = decimal(raw.get("fairest", 0.05), place.at("fairest", "équité"), low=0.01, high=1)
    hundredths = round(fairest * 100)
    if abs(hundredths - fairest * 100) > 1e-9:
        place.at("fairest", "équité").refuse("deux décimales au plus.")
    return Steps(
        earliest_minutes=whole(raw.get("earliest_minutes", 15), place.at("earliest_minutes", "heure"), low=1, high=240),
        nearest_minutes=whole(raw.get("nearest_minutes", 5), place.at("nearest_minutes", "trajet"), low=1, high=60),
        fairest_hundredths=hundredths,
    )


def _levels(raw: Any, place: Place) -> tuple[Level, ...]:
    if not isinstance(raw, list) or not raw:
        place.refuse("la charte doit avoir au moins un niveau.")
        return ()
    if len(raw) > MOST_LEVELS:
        place.refuse(f"{len(raw)} niveaux, le maximum est {MOST_LEVELS}.")
    levels = tuple(_level(value, index, place) for index, value in enumerate(raw[:MOST_LEVELS]))
    names = [level.name.casefold() for level in levels]
    for index, name in enumerate(names):
        if name != "?" and name in names[:index]:
            _place_of(index, levels[index].name, place).at("name", "nom").refuse("ce nom est déjà pris.")
    return levels


def _place_of(index: int, name: Any, place: Place) -> Place:
    shown = f" « {name} »" if isinstance(name, str) and name.strip() else ""
    return place.item(index, f"niveau {index + 1}{shown}")


def _level(raw: Any, index: int, levels: Place) -> Level:
    place = _place_of(index, raw.get("name") if isinstance(raw, Mapping) else None, levels)
    raw = mapping(raw, place, known=LEVEL_FIELDS)
    level = Level(
        name=text(raw.get("name"), place.at("name", "nom")),
        who=_who(raw.get("who"), place.at("who", "qui")),
        offer=frozenset(items(raw.get("offer"), place.at("offer", "offre"), _offer, least=1)),
        within=_radius(raw.get("within", Special.DEFAULT.value), place.at("within", "distance")),
        when=tuple(items(raw.get("when", []), place.at("when", "calendrier"), _window)),
        needs=_needs(raw.get("needs", {}), place.at("needs", "conditions")),
        opens=_opens(raw.get("opens", {}), place.at("opens", "ouverture")),
        order=tuple(items(raw.get("order", []), place.at("order", "ordre"), _order_key)),
    )
    _check_coherence(level, index=index, place=place)
    return level


def _check_coherence(level: Level, *, index: int, place: Place) -> None:
    if index == 0 and level.opens.unserved_hours is not None:
        place.at("opens", "ouverture").refuse(
            "aucun niveau ne précède le premier : il ne peut pas attendre leur échec."
        )
    if level.who.selector is Selector.NOT_PARTICIPATING and level.offer != {Offer.PUBLIC}:
        place.at("offer", "offre").refuse(
            "les non-participants ne sont proposés que sur leurs places publiques (public)."
        )


def _who(raw: Any, place: Place) -> Who:
    if not isinstance(raw, Mapping):
        return _who_with(choice(raw, place, among=Selector), frozenset(), place)
    if len(raw) != 1:
        place.refuse("un seul sélecteur par niveau est attendu.")
        return Who(Selector.PARTICIPANTS)
    name, values = next(iter(raw.items()))
    selector = choice(name, place, among=Selector)
    read = _participation if selector is Selector.PARTICIPANTS else text
    return _who_with(selector, frozenset(items(values, place.at(str(name), "valeurs"), read, least=1)), place)


def _who_with(selector: Selector, values: frozenset[str], place: Place) -> Who:
    if selector in SELECTORS_WITH_VALUES and not values:
        place.refuse(f'« {selector.value} » doit dire lesquels, par exemple {{"{selector.value}": ["…"]}}.')
    if values and selector not in SELECTORS_WITH_VALUES | {Selector.PARTICIPANTS}:
        place.refuse(f"« {selector.value} » n'accepte pas de valeurs.")
    return Who(selector, values)


def _participation(raw: Any, place: Place) -> str:
    return choice(raw, place, among=Participation).value


def _offer(raw: Any, place: Place) -> Offer:
    return choice(raw, place, among=Offer)


def _radius(raw: Any, place: Place) -> Radius:
    if raw is None:
        return None
    if isinstance(raw, str):
        return choice(raw, place, among=Special)
    raw = mapping(raw, place, known=frozenset({"minutes", "km"}))
    if len(raw) != 1:
        place.refuse('écrivez {"minutes": n} ou {"km": n}, un seul des deux, "default", ou rien.')
    if "minutes" in raw:
        return Minutes(whole(raw["minutes"], place.at("minutes", "minutes"), low=1, high=MOST_MINUTES))
    return Km(decimal(raw["km"], place.at("km", "km"), low=0.1, high=MOST_KM)) if "km" in raw else None


def _window(raw: Any, place: Place) -> Window:
    raw = mapping(raw, place, known=WINDOW_FIELDS)
    days = items(raw["days"], place.at("days", "jours"), _weekday, least=1, most=7) if "days" in raw else EVERY_DAY
    start = clock(raw.get("from", "00:00"), place.at("from", "début"))
    end = clock(raw.get("to", "24:00"), place.at("to", "fin"))
    if end <= start or start >= DAY_MINUTES:
        place.refuse("la fin doit suivre le début ; une plage qui passe minuit s'écrit en deux plages.")
    holidays = choice(raw.get("holidays", Holidays.ANY.value), place.at("holidays", "jours fériés"), among=Holidays)
    return Window(frozenset(days), start, end, holidays, flag(raw.get("pdsa"), place.at("pdsa", "PDSA")))


def _weekday(raw: Any, place: Place) -> int:
    return whole(raw, place, low=0, high=6)


def _needs(raw: Any, place: Place) -> Needs:
    raw = mapping(raw, place, known=NEEDS_FIELDS)

    def values(key: str, label: str) -> frozenset[str]:
        return frozenset(items(raw.get(key, []), place.at(key, label), text))

    needs = Needs(
        modalities=values("modality", "modalité"),
        specialties=values("specialty", "spécialité"),
        mobility=values("mobility", "mobilité"),
        vulnerabilities=values("vulnerability", "vulnérabilité"),
        min_age_months=_optional(raw, "min_age_months", place.at("min_age_months", "âge minimal"), high=OLDEST_MONTHS),
        max_age_months=_optional(raw, "max_age_months", place.at("max_age_months", "âge maximal"), high=OLDEST_MONTHS),
    )
    if None not in (needs.min_age_months, needs.max_age_months) and _ages(needs)[0] >= _ages(needs)[1]:
        place.refuse("l'âge minimal doit être inférieur à l'âge maximal.")
    return needs


def _ages(needs: Needs) -> tuple[int, int]:
    return needs.min_age_months or 0, needs.max_age_months or 0


def _optional(raw: Mapping[str, Any], key: str, place: Place, *, high: int, low: int = 0) -> int | None:
    value = raw.get(key)
    return None if value is None else whole(value, place, low=low, high=high)


def _opens(raw: Any, place: Place) -> Opens:
    if raw is None or raw == "at_once":
        return Opens()
    raw = mapping(raw, place, known=OPENS_FIELDS)
    after, unserved = place.at("after_minutes", "délai"), place.at("unserved_hours", "heures sans réponse")
    return Opens(
        after_minutes=_optional(raw, "after_minutes", after, low=1, high=MOST_WAIT_MINUTES),
        unserved_hours=_optional(raw, "unserved_hours", unserved, low=1, high=MOST_UNSERVED_HOURS),
    )
