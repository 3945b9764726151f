"""Writing to somebody of the SAS, reading one's questions, answering those of others."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quinze.accounts import operations, queries
from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.accounts.forms import HelpForm, SayForm, refuse
from quinze.accounts.help_desk import DOWNLOAD, LARGEST_FILE, State, Theme
from quinze.accounts.models import HelpRequest
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal

PER_PAGE = 50


@requires(Capability.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    first = {"page": request.GET.get("page", "")[:60]}
    sent = request.method == "POST"
    form = HelpForm(request.POST if sent else None, request.FILES if sent else None, initial=first)
    if sent and form.is_valid():
        typed = form.cleaned_data
        files = [operations.Joined(each.name, each.read(LARGEST_FILE + 1)) for each in typed["joined"]]
        try:
            asked = operations.ask_help(
                typed["text"], theme=Theme(typed["theme"]), by=actor_of(request), at=clock.now(), files=files,
                page=page_name(typed["page"]), phone=typed["phone"],
            )  # fmt: skip
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"Demande envoyée. Qui répond : {asked.get_desk_display()}.")
            return redirect("accounts:help_request", pk=asked.pk)
    return render(request, "accounts/help_ask.html", {"form": form}, status=422 if form.errors else 200)


def page_name(given: str) -> str:
    """`folder:name` and nothing else."""
    return given if given.replace(":", "").replace("_", "").isalnum() and given.count(":") == 1 else ""


@requires(Capability.OWN_ACCOUNT)
@require_GET
def asked(request: HttpRequest) -> HttpResponse:
    return _list(request, "accounts/help_asked.html", queries.help_asked(actor_of(request).user))


@requires(Capability.ANSWER_HELP)
@require_GET
def to_give(request: HttpRequest) -> HttpResponse:
    return _list(request, "accounts/help_to_give.html", queries.help_to_give(actor_of(request)))


def _list(request: HttpRequest, template: str, rows: QuerySet[HelpRequest]) -> HttpResponse:
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, template, {"page": page})


@requires(Capability.OWN_ACCOUNT)
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    return _one(request, queries.help_request(pk, by=actor_of(request)), form=SayForm())


def _one(request: HttpRequest, found: HelpRequest, *, form: SayForm, status: int = 200) -> HttpResponse:
    by = actor_of(request)
    context = {
        "found": found,
        "said": found.messages.select_related("by").order_by("at", "pk"),
        "files": found.files.defer("content").order_by("pk"),
        "answers": queries.may_answer(found, by),
        "mine": found.by_id == by.user.pk,
        "themes": Theme.choices,
        "open": found.state != State.ANSWERED,
        "form": form,
    }
    return render(request, "accounts/help_request.html", context, status=status)


@requires(Capability.OWN_ACCOUNT)
@require_POST
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer of who answers; more words of who asked."""
    by, at = actor_of(request), clock.now()
    found = queries.help_request(pk, by=by)
    form = SayForm(request.POST)
    if not form.is_valid():
        return _one(request, found, form=form, status=422)
    act = operations.add_to_help if found.by_id == by.user.pk else operations.answer_help
    try:
        act(pk, form.cleaned_data["text"], by=by, at=at)
    except NotFound:
        raise
    except Refusal as refusal:
        refuse(form, refusal)
        return _one(request, found, form=form, status=422)
    messages.success(
        request, "Complément envoyé." if found.by_id == by.user.pk else "Réponse envoyée, par e-mail aussi."
    )
    return redirect("accounts:help_request", pk=pk)


@requires(Capability.ANSWER_HELP)
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        operations.take_help(pk, by=actor_of(request), at=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    return redirect("accounts:help_request", pk=pk)


@requires(Capability.ANSWER_HELP)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Afterwards it may be no longer one's own: back to the list."""
    given = request.POST.get("theme", "")
    try:
        if given not in Theme.values:
            raise Refusal("Choisissez un thème.", field="theme", code="unknown")
        moved = operations.move_help(pk, theme=Theme(given), by=actor_of(request), at=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        messages.warning(request, refusal.message)
        return redirect("accounts:help_request", pk=pk)
    messages.success(request, f"Transmise : {moved.get_desk_display()}.")
    return redirect("accounts:help_to_give")


@requires(Capability.OWN_ACCOUNT)
@require_GET
def file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """Always a download, under the kind that its content said: nothing sent by a person is opened in our pages."""
    found = queries.help_file(file_pk, request=queries.help_request(pk, by=actor_of(request)))
    response = HttpResponse(bytes(found.content), content_type=DOWNLOAD[found.kind])
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.name) or ""
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
