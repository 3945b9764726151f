"""What is wrong with a resource that a peer sent: every fault, each said with its place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`status` 400: not what FHIR and the profile ask; 422: against a rule of the exchange. `code`: issue-type."""

    status: int
    code: str
    says: str
    where: str


class Faulty(Exception):  # noqa: N818  (an answer, not a fault of ours)
    """Becomes an OperationOutcome with one issue for each."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{one.where}: {one.says}" for one in faults))
        self.faults = faults

    @property
    def status(self) -> int:
        """The most basic: a rule is not judged on a resource that does not read."""
        return min(one.status for one in self.faults)
