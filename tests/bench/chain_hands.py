"""One process of the attack: random acts through the product's operations, remembering what was acknowledged."""

import os
from collections import Counter
from collections.abc import Callable
from random import Random

from django.db import Error

from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.orientation import operations as orientation
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.queries import SearchView
from quinze.regulation import operations as regulation
from quinze.regulation.models import CaseFile
from tests.bench import chain_data


def counter(weight: str) -> int:
    first = weight.partition(" ")[0]
    return int(first) if first.isdigit() else 0


class Hand:
    def __init__(self, seed: int, requests: list[int], files: list[int]) -> None:
        self.random, self.requests, self.files = Random(seed + 1000), requests, files
        self.osnp, self.doctor = chain_data.actor(6), chain_data.actor(3)
        self.views: dict[int, SearchView] = {}
        self.acknowledged: Counter[int] = Counter()

    def try_(self, act: Callable[[], str]) -> str:
        """What was acknowledged; "refused" if a rule said no; "fault" for anything a person would see break."""
        try:
            return act()
        except Refusal:
            return "refused"
        except Error as error:
            print(f"fault: {type(error).__name__}: {error}")
            return "fault"

    # ---- seats

    def _request(self) -> OrientationRequest:
        return OrientationRequest.objects.select_related("sas", "patient", "commune").get(
            pk=self.random.choice(self.requests)
        )

    def _view(self, request: OrientationRequest) -> SearchView:
        if request.pk not in self.views or self.random.random() < 0.03:
            self.views[request.pk] = orientation.search(request=request, by=self.osnp, at=clock.now())
        return self.views[request.pk]

    def hold(self) -> str:
        request = self._request()
        view = self._view(request)
        proposals = [p for level in view.levels if level.is_open for p in level.proposals if p.slots][:6]
        if not proposals:
            return "nothing to hold"
        proposal = self.random.choice(proposals)
        orientation.hold(
            request=request,
            ranking=view.ranking_id,
            candidate=proposal.candidate,
            slot=proposal.slots[0].id,
            modality=proposal.slots[0].modalities[0],
            by=self.osnp,
            at=clock.now(),
            reason="" if proposal.is_first else "banc d’essai",
        )
        return "held"

    def _booking(self, *statuses: str) -> Booking:
        found = Booking.objects.filter(request__in=self.requests, status__in=statuses).order_by("?").first()
        if found is None:
            raise Refusal("rien à faire")
        return found

    def confirm(self) -> str:
        orientation.confirm(booking=self._booking("held"), by=self.osnp, at=clock.now())
        return "confirmed"

    def release(self) -> str:
        orientation.release_hold(booking=self._booking("held"), by=self.osnp, at=clock.now())
        return "released"

    def cancel(self) -> str:
        orientation.cancel(
            booking=self._booking("booked", "confirmed"), by_kind="patient", reason="banc", at=clock.now(), by=None
        )
        return "cancelled"

    def move(self) -> str:
        booking = self._booking("booked", "confirmed")
        view = self._view(booking.request)
        slots = [slot for level in view.levels for p in level.proposals for slot in p.slots]
        if not slots:
            raise Refusal("rien à faire")
        orientation.move(
            booking=booking, slot=self.random.choice(slots[:10]).id, by=self.osnp, at=clock.now(), reason="banc"
        )
        return "moved"

    # ---- files

    def count(self) -> str:
        """Read a counter, write it plus one: a lost update would leave the counter short of what was acknowledged."""
        case = CaseFile.objects.select_related("sas").get(pk=self.random.choice(self.files))
        value = f"{counter(case.weight) + 1} {os.getpid()}"  # two processes never write the same words
        regulation.save_section(
            case,
            by=self.doctor,
            at=clock.now(),
            section="medical",
            values={"weight": value},
            base_version=case.medical_version,
        )
        self.acknowledged[case.pk] += 1
        return "saved"

    def claim(self) -> str:
        case = CaseFile.objects.select_related("sas").get(pk=self.random.choice(self.files))
        if self.random.random() < 0.5:
            regulation.claim(case, by=self.doctor, at=clock.now())
            return "claimed"
        regulation.release(case, by=self.doctor, at=clock.now())
        return "let go"
