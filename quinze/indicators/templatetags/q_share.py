from django import template

register = template.Library()


@register.filter
def percent_fr(value: float | None, form: str = "") -> str:
    """0.628 → « 63 % », or « 63 » alone for a bound of an interval."""
    if value is None:
        return "–"
    return f"{100 * value:.0f}" if form else f"{100 * value:.0f}\u00a0%"
