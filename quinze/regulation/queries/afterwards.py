"""Whom to ask, three days after the call, whether they saw somebody: a share of those who were given advice."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Exists, OuterRef, Q

from quinze.accounts.models import Sas
from quinze.directory.queries import parameter
from quinze.regulation.models import CaseFile, Decision

DELAY, LATEST = timedelta(hours=72), timedelta(days=7)
MOST = 50
ADVICE, ELSEWHERE = ("CONSEIL", "PMT"), ("ORIENT", "INTER")


def to_ask(*, sas: Sas, at: datetime) -> list[CaseFile]:
    """Oldest call first. Who is asked is drawn by the number of the file: nobody chooses, and twice is the same."""
    taken = Decision.objects.filter(case=OuterRef("pk"))
    found = CaseFile.objects.filter(
        Exists(taken.filter(Q(role="regulateur_snp") | Q(case__stream="SNP"), nature__in=ADVICE)),
        ~Exists(taken.filter(nature__in=ELSEWHERE)),
        ~Q(callback_phone="", caller_number=""),
        sas=sas,
        opened_at__gt=at - LATEST,
        opened_at__lte=at - DELAY,
        merged_into__isnull=True,
        follow_up_answer__isnull=True,
    )
    share = parameter(sas, "follow_up_calls_percent", at)
    ordered = found.select_related("patient", "commune").order_by("opened_at", "pk")
    return [case for case in ordered if drawn(case.number, share=share)][:MOST]


def drawn(number: str, *, share: int) -> bool:
    return int.from_bytes(sha256(number.encode()).digest()[:4]) % 100 < share
