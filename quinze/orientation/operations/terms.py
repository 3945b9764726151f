"""What a participant declared, held still while a seat of theirs is given under it."""

from datetime import datetime, timedelta

from quinze.base.errors import Refusal
from quinze.base.periods import period
from quinze.directory.models import Participation
from quinze.orientation.models import OrientationRequest

OWNERS = {"p": "professional", "s": "structure"}  # how the key of a candidate begins: p12@34, s5@6
READ_BEFORE = timedelta(minutes=1)  # the instant of an act is read before it waits for its locks


def require_reorientations(
    request: OrientationRequest, candidate: str, *, at: datetime, nearby: tuple[str, ...] = ()
) -> None:
    """Raises Refusal where who receives no longer takes the people whom emergency departments send, and for any other
    request does nothing. The row in force is locked: whoever unticks at this instant waits for the seat to be given, or
    was first and is read. `nearby`: what to take instead.
    """
    if request.emergency_id is None:
        return
    owner, _, _ = candidate.partition("@")
    theirs = Participation.objects.filter(sas=request.sas_id, **{OWNERS[owner[0]]: int(owner[1:])})
    list(theirs.select_for_update(no_key=True).filter(during__contains=at).values("pk"))
    said = theirs.filter(during__overlap=period(at, at + READ_BEFORE)).values_list("takes_reorientations", flat=True)
    if not said or not all(said):
        raise Refusal(
            "Ce praticien n’accepte plus les personnes que les urgences réorientent : voyez la proposition suivante.",
            code="no_reorientation",
            proposal=nearby[0] if nearby else "",
        )
