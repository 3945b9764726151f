"""One page a study: a form read from the address, the report under it, its drawings and its files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import Sas
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.models import Neighbour
from quinze.science.queueing.bounds import Unacceptable
from quinze.staffing import forms as study_forms
from quinze.staffing.covering import Post, covered
from quinze.staffing.drill_forms import DrillForm
from quinze.staffing.playing import read_behind
from quinze.staffing.queries import planning
from quinze.staffing.queries.days import day_of
from quinze.staffing.queries.national import Known, Year, departement, departements, latest_year
from quinze.staffing.queries.rosters import first_free_week
from quinze.staffing.reports import documents
from quinze.staffing.reports.capacity import capacity_report, ramp_report
from quinze.staffing.reports.crisis import crisis_report
from quinze.staffing.reports.forecast import forecast_report
from quinze.staffing.reports.levels import levels_report
from quinze.staffing.reports.pooling import pooling_report
from quinze.staffing.reports.report import Report
from quinze.staffing.reports.samu import samu_report
from quinze.staffing.reports.shifts import shifts_report
from quinze.staffing.reports.today import today_report
from quinze.staffing.rostering import ONE_DAY, WEEK_DAYS, monday_of

FILES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
}


@dataclass(frozen=True, slots=True)
class Built:
    """No report while the form is refused, or while no file of the national survey was loaded."""

    report: Report | None = None
    form: forms.Form | None = None
    missing: bool = False
    choices: tuple[Known, ...] = ()
    plans: bool = False  # its shifts can be planned
    uncounted: bool = False  # nobody gave counts of calls


Build = Callable[[QueryDict, Sas], Built]


def _capacity(query: QueryDict, sas: Sas) -> Built:
    form = _bound(study_forms.StudyForm, query, sas)
    if not form.is_valid():
        return Built(form=form)
    return Built(capacity_report(form.study, held=form.held, place=str(sas)), form)


def _shifts(query: QueryDict, sas: Sas) -> Built:
    form = _bound(partial(study_forms.ShiftsForm, forecast=planning.latest_forecast(sas)), query, sas)
    if not form.is_valid():
        return Built(form=form)
    asked = form.asked(kinds=planning.kinds_of(sas), zone=sas.zone)
    return Built(shifts_report(asked, place=str(sas)), form, plans=True)


def cover_of(query: QueryDict, sas: Sas) -> tuple[Post, ...]:
    """What the page shows, to be planned. Refusal when its figures are refused."""
    form = _bound(partial(study_forms.ShiftsForm, forecast=planning.latest_forecast(sas)), query, sas)
    if not form.is_valid():
        raise Refusal("Ces hypothèses ne donnent pas de gardes : corrigez l’étude.", code="study")
    try:
        return covered(form.asked(kinds=planning.kinds_of(sas), zone=sas.zone))
    except Unacceptable as error:
        raise Refusal(str(error), code="unacceptable") from error


def _forecast(query: QueryDict, sas: Sas) -> Built:  # noqa: ARG001  (one shape for every study)
    found = planning.latest_forecast(sas)
    return Built(forecast_report(found, place=str(sas), zone=sas.zone)) if found else Built(uncounted=True)


def _levels(query: QueryDict, sas: Sas) -> Built:
    form = _bound(study_forms.StudyForm, query, sas)
    return (
        Built(levels_report(form.study, held=form.people, place=str(sas)), form)
        if form.is_valid()
        else Built(form=form)
    )


def _ramp(query: QueryDict, sas: Sas) -> Built:
    form = _bound(study_forms.RampForm, query, sas)
    if not form.is_valid():
        return Built(form=form)
    return Built(ramp_report(form.study, phases=form.cleaned_data["etapes"], place=str(sas)), form)


def _today(query: QueryDict, sas: Sas) -> Built:
    form = _bound(study_forms.TodayForm, query, sas)
    if not form.is_valid():
        return Built(form=form)
    at_hour = form.cleaned_data.get("heure")
    if at_hour is None:
        at_hour = clock.now().astimezone(ZoneInfo(sas.zone)).hour
    report = today_report(form.study, at_hour=at_hour, factor=form.factor, posts=form.posts, place=str(sas))
    return Built(report, form)


def _crisis(query: QueryDict, sas: Sas) -> Built:
    today = clock.now().astimezone(ZoneInfo(sas.zone)).date()
    form = _bound(partial(DrillForm, day_of=partial(day_of, sas)), query, sas, date=today.isoformat())
    return _told(form, lambda: crisis_report(form.drill, place=str(sas)))


def _told(form: Any, made: Callable[[], Report]) -> Built:
    """What only the computation refuses is told above the form, which keeps what was typed."""
    if not form.is_valid():
        return Built(form=form)
    try:
        return Built(made(), form)
    except (Refusal, Unacceptable) as error:
        form.add_error(None, str(error))
        return Built(form=form)


def _bound(kind: Any, query: QueryDict, sas: Sas, **more: Any) -> Any:
    """What the address says; without anything, the defaults with the calls that the SAMU declared."""
    if query:
        return kind(query)
    year = latest_year()
    own = year.of_departements(departements(sas)) if year else ()
    calls = sum(one.samu.presented or 0 for one in own)
    initial = {name: field.initial for name, field in kind().fields.items()}
    return kind(initial | ({"appels_par_an": calls} if calls else {}) | more)


def _pooling(query: QueryDict, sas: Sas) -> Built:
    year = latest_year()
    if year is None:
        return Built(missing=True)
    form = study_forms.PoolingForm(query or _neighbours(year, sas), year=year)
    return Built(pooling_report(form.cleaned_data["asked"]), form) if form.is_valid() else Built(form=form)


def _neighbours(year: Year, sas: Sas) -> dict[str, Any]:
    """The SAS and the neighbours of its territory page, where the survey has them."""
    beside = Neighbour.objects.filter(sas=sas).values_list("neighbour__code", flat=True)
    codes = departements(sas) | {departement(code) for code in beside}
    initial = {name: field.initial for name, field in study_forms.PoolingForm(year=year).fields.items()}
    return initial | {"centres": study_forms.initial_centres(year, codes)}


def _samu(query: QueryDict, sas: Sas) -> Built:
    year = latest_year()
    if year is None:
        return Built(missing=True)
    own = _chosen(year, query.get("finess", ""), sas)
    return Built(samu_report(year, own) if own else None, choices=year.all)


def _chosen(year: Year, finess: str, sas: Sas) -> Known | None:
    named = next((one for one in year.all if one.samu.finess == finess), None)
    return named or next(iter(year.of_departements(departements(sas))), None)


STUDIES: Mapping[str, tuple[str, Build]] = {
    "capacite": ("Étude de capacité", _capacity),
    "gardes": ("Gardes à prévoir", _shifts),
    "prevision": ("Prévision des appels", _forecast),
    "et-si": ("Et si, maintenant", _today),
    "crise": ("Exercice de crise", _crisis),
    "niveaux": ("Un niveau ou deux", _levels),
    "montee-en-charge": ("Montée en charge", _ramp),
    "mutualisation": ("Mutualisation", _pooling),
    "samu": ("Votre SAMU parmi tous", _samu),
}


@requires(Capability.READ_INDICATORS)
@require_GET
def home(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    return HttpResponseRedirect(reverse("staffing:study", kwargs={"study": "capacite"}))


@requires(Capability.READ_INDICATORS)
@require_GET
def page(request: HttpRequest, study: str) -> HttpResponse:
    label, build = _named(study)
    read_behind()
    built = _build(build, request)
    by, at = actor_of(request), clock.now()
    today = at.astimezone(ZoneInfo(by.sas.zone)).date()
    context = {
        "edits": by.may(Capability.EDIT_ROSTER),
        "monday": first_free_week(by.sas, monday=monday_of(today) + WEEK_DAYS * ONE_DAY) if built.plans else None,
        "study": study,
        "label": label,
        "built": built,
        "studies": [(slug, name) for slug, (name, _) in STUDIES.items()],
        "query": request.GET.urlencode(),
        "at": at,
    }
    return render(request, "staffing/study.html", context)


@requires(Capability.READ_INDICATORS)
@require_GET
def drawing(request: HttpRequest, study: str, number: int) -> HttpResponse:
    report = _report(request, study)
    drawn = report.sections[number].drawing if number < len(report.sections) else None
    if drawn is None:
        raise Http404("Ce dessin n’existe pas.")
    return HttpResponse(documents.svg(drawn()), content_type="image/svg+xml")


@requires(Capability.READ_INDICATORS)
@require_GET
def export(request: HttpRequest, study: str, kind: str) -> HttpResponse:
    if kind not in FILES:
        raise Http404("Les études s’exportent en pdf, xlsx ou png.")
    report = _report(request, study)
    content = _file(report, kind)
    response = HttpResponse(content, content_type=FILES[kind])
    response["Content-Disposition"] = f'attachment; filename="{report.name}.{kind}"'
    return response


def _file(report: Report, kind: str) -> bytes:
    if kind == "xlsx":
        return documents.xlsx(report)
    if kind == "pdf":
        return documents.pdf(report, dated=f"le {clock.now():%d/%m/%Y}")
    if report.drawing is None:
        raise Http404("Cette étude n’a pas de dessin.")
    return documents.png(report.drawing())


def _report(request: HttpRequest, study: str) -> Report:
    _, build = _named(study)
    report = _build(build, request).report
    if report is None:
        raise Http404("Cette étude ne peut pas être faite avec ces valeurs.")
    return report


def _build(build: Build, request: HttpRequest) -> Built:
    """A figure that only the computation refuses (more people than there are) is told above the form."""
    sas = actor_of(request).sas
    try:
        return build(request.GET, sas)
    except (Refusal, Unacceptable) as error:
        form = study_forms.StudyForm(request.GET)
        form.is_valid()
        form.add_error(None, str(error))
        return Built(form=form)


def _named(study: str) -> tuple[str, Build]:
    if study not in STUDIES:
        raise Http404("Cette étude n’existe pas.")
    return STUDIES[study]
