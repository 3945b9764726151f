class ScenarioError(ValueError):
    """A value that the model refuses: where it is, what it is and what is accepted, in French."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place} : {message}")
        self.place = place


def within(value: float, low: float, high: float, *, place: str, unit: str = "") -> None:
    """Refuses what is not a number between both bounds, included. NaN is not."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ScenarioError(place, f"{value} n’est pas accepté ; il faut de {low:g} à {high:g}{unit and ' ' + unit}.")


def whole(value: int, low: int, high: int, *, place: str, unit: str = "") -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ScenarioError(place, f"{value!r} n’est pas un nombre entier.")
    within(value, low, high, place=place, unit=unit)
