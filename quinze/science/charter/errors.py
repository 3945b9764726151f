from typing import NamedTuple


class Fault(NamedTuple):
    """One thing to correct: where it is in the document, and what to do, in French."""

    path: str
    message: str


class CharterError(ValueError):
    """Every fault of the document at once: an author corrects them in one go."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(f"{fault.path} : {fault.message}" for fault in faults))
        self.faults = tuple(faults)
