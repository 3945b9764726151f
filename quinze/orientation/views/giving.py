"""« Ce que je donne, ce que je reçois »: the doctor's own figures, and what they contest of them."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.availability.views import Desk, desk_of
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.orientation.forms.giving import AnswerForm, DisputeForm
from quinze.orientation.models import Dispute
from quinze.orientation.operations.dispute import Contested, answer_dispute, open_dispute
from quinze.orientation.queries.disputes import disputes, disputes_of
from quinze.orientation.queries.giving import Giving, giving, month_of
from quinze.orientation.rules import may_dispute

SHOWN = 100


@requires(Capability.OWN_AVAILABILITY)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request)
    found = _found(desk, request.GET.get("mois", ""))
    asked = request.GET.get("contester", "")
    figure = asked if asked in Dispute.Figure else None
    form = DisputeForm(
        mondays=[week.monday for week in found.weeks],
        initial={"figure": figure, "week": request.GET.get("semaine", "")},
    )
    return _page(request, desk, found, form, is_open=bool(asked))


def _found(desk: Desk, month: str) -> Giving:
    return giving(desk.professional, sas=desk.by.sas, month=month_of(month, today=desk.today), at=desk.at)


def _page(
    request: HttpRequest, desk: Desk, found: Giving, form: DisputeForm, *, is_open: bool, status: int = 200
) -> HttpResponse:
    following = (found.month + timedelta(days=32)).replace(day=1)
    context = {
        "desk": desk,
        "found": found,
        "previous": (found.month - timedelta(days=1)).strftime("%Y-%m"),
        "following": following.strftime("%Y-%m")
        if month_of(f"{following:%Y-%m}", today=desk.today) == following
        else "",
        "disputes": disputes_of(desk.professional, sas=desk.by.sas)[:SHOWN],
        "may_dispute": may_dispute(desk.by, desk.professional),
        "form": form,
        "is_open": is_open,
    }
    return render(request, "orientation/giving.html", context, status=status)


@requires(Capability.OWN_PARTICIPATION)
@require_POST
def contest(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request)
    found = _found(desk, request.POST.get("mois", ""))
    form = DisputeForm(request.POST, mondays=[week.monday for week in found.weeks])
    if form.is_valid():
        try:
            _open(desk, found, form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Contestation enregistrée : le gestionnaire ou le référent vous répondra ici.")
            return redirect(f"{reverse('orientation:giving')}?mois={found.month:%Y-%m}")
    return _page(request, desk, found, form, is_open=True, status=422)


def _open(desk: Desk, found: Giving, said: dict[str, Any]) -> None:
    week: date | None = said["week"]
    starts, ends = _period(found, said["figure"], week)
    contested = Contested(said["figure"], starts, ends, found.shown(said["figure"], week))
    open_dispute(professional=desk.professional, contested=contested, text=said["text"], by=desk.by, at=desk.at)


def _period(found: Giving, figure: str, week: date | None) -> tuple[date, date]:
    """The yearly conditions are those of the year so far, whatever the week."""
    if figure == Dispute.Figure.ANNUAL:
        return date(found.month.year, 1, 1), found.last_day
    return (week, week + timedelta(days=6)) if week else (found.weeks[0].monday, found.last_day)


# ---- those who answer


@requires(Capability.ANSWER_DISPUTES)
@require_GET
def disputed(request: HttpRequest) -> HttpResponse:
    return _disputed(request)


def _disputed(request: HttpRequest, *, refused: tuple[int, AnswerForm] | None = None) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    found = list(disputes(sas=by.sas)[:SHOWN])
    pk, form = refused or (0, None)
    forms = {dispute.pk: AnswerForm(auto_id=f"id_{dispute.pk}_%s") for dispute in found}
    if form is not None:
        forms[pk] = form
    rows = [(dispute, forms[dispute.pk]) for dispute in found]
    context = {"rows": rows, "waiting": sum(not dispute.answers.all() for dispute in found), "at": at}
    return render(request, "orientation/disputes.html", context, status=422 if refused else 200)


@requires(Capability.ANSWER_DISPUTES)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    by, form = actor_of(request), AnswerForm(request.POST, auto_id=f"id_{pk}_%s")
    if form.is_valid():
        said = form.cleaned_data
        try:
            answer_dispute(pk=pk, accepted=said["accepted"], text=said["text"], by=by, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Réponse enregistrée : le médecin la lit sur sa page.")
            return redirect("orientation:disputes")
    return _disputed(request, refused=(pk, form))
