"""Regulators whom the national platform declared for this SAS: who may come, and what was changed."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from quinze.accounts import queries
from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability

PER_PAGE = 50
manager = requires(Capability.MANAGE_ACCOUNTS)


@manager
@require_GET
def platform_accounts(request: HttpRequest) -> HttpResponse:
    search = request.GET.get("q", "").strip()[:100]
    found = queries.platform_accounts(actor_of(request).sas, search=search)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/platform_list.html", {"page": page, "search": search})


@manager
@require_GET
def platform_account(request: HttpRequest, key: UUID) -> HttpResponse:
    account = queries.platform_accounts(actor_of(request).sas).filter(pk=key).first()
    if account is None:
        raise Http404("La plateforme n’a déclaré aucun compte de ce numéro pour votre SAS.")
    history = queries.platform_history(account)
    return render(request, "accounts/platform_account.html", {"account": account, "history": history})
