"""Who may act on whose agenda."""

from quinze.accounts.actor import Actor


def stands_for(actor: Actor, professional_id: int, power: str) -> bool:
    """By the mandate that this request was given; `on_behalf` checks again that it still holds when it writes."""
    mandate = actor.mandate
    return mandate is not None and mandate.professional_id == professional_id and power in mandate.powers


def reaches(actor: Actor, place_id: int | None) -> bool:
    """One's own places, or those the mandate names. `None` is everywhere, which a mandate for some places is not."""
    mandate = actor.mandate
    return mandate is None or not mandate.place_ids or place_id in mandate.place_ids
