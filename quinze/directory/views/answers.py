from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from quinze.accounts.forms import refuse
from quinze.base.errors import Refusal


def done(form: Form, operation: Callable[[], object]) -> bool:
    """Whether what was typed is right and the operation accepted it; otherwise the form says why not."""
    if not form.is_valid():
        return False
    try:
        operation()
    except Refusal as refusal:
        refuse(form, refusal)
        return False
    return True


def told(request: HttpRequest, operation: Callable[[], object], *, said: str) -> None:
    """A button without a form: what was done, or why not, at the top of the next page."""
    try:
        operation()
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)


def form_page(request: HttpRequest, form: Form, *, title: str, back: str, **context: object) -> HttpResponse:
    """A page that holds one form; refused, it keeps what was typed."""
    shown = {"form": form, "title": title, "back": back, **context}
    return render(request, "directory/form.html", shown, status=422 if form.is_bound else 200)


def saved(request: HttpRequest, where: str, *, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect(where)
